"""Reads shards with other people's programs, for shard_interop_test.

  read_shards.py tarfile|webdataset SHARD...

Prints a line for each sample: key, extension, sha256 of the image, and the
provenance's source, size and whether its fields have their types.
"""

import hashlib
import json
import sys
import tarfile


def describe(key, provenance, extension, image):
    assert isinstance(provenance["size_bytes"], int), provenance
    assert isinstance(provenance["generator"]["guidance"], float), provenance
    assert provenance["size_bytes"] == len(image), provenance
    print(key, extension, hashlib.sha256(image).hexdigest(),
          provenance["source"])


def read_with_tarfile(paths):
    for path in paths:
        with tarfile.open(path) as tar:
            members = tar.getmembers()
            for text, picture in zip(members[::2], members[1::2]):
                key, extension = picture.name.split(".")
                assert text.name == key + ".json", text.name
                assert text.pax_headers["comment"].startswith("verso1 shard=")
                describe(key, json.load(tar.extractfile(text)), extension,
                         tar.extractfile(picture).read())


def read_with_webdataset(paths):
    import webdataset
    for sample in webdataset.WebDataset(paths, shardshuffle=False):
        fields = {k for k in sample if not k.startswith("__")}
        (extension,) = fields - {"json"}
        describe(sample["__key__"], json.loads(sample["json"]), extension,
                 sample[extension])


if __name__ == "__main__":
    if sys.argv[1] == "tarfile":
        read_with_tarfile(sys.argv[2:])
    else:
        read_with_webdataset(sys.argv[2:])
