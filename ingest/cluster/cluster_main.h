#ifndef VERSO_INGEST_CLUSTER_CLUSTER_MAIN_H_
#define VERSO_INGEST_CLUSTER_CLUSTER_MAIN_H_

#include <string>
#include <vector>

namespace verso {

// The subcommands `cluster` and `accept` of the program `ingest`, whose other
// flags are in the .cc file. `store`: as OpenShardStore() takes it. Both return
// the exit code.
int ClusterMain(const std::string& store);

// `args`: the file of proposals and the numbers of clusters.
int AcceptMain(const std::string& store, const std::vector<std::string>& args);

}  // namespace verso

#endif  // VERSO_INGEST_CLUSTER_CLUSTER_MAIN_H_
