# Shell functions for scripts that a person watches: sourced, never run.
#
#   step "title"             starts a numbered step (set STEPS=N before)
#   run_logged LOG CMD...    runs CMD with its output in LOG and says now and
#                            then how far it is; on failure shows the log's end
#                            and returns CMD's code
#   fail "what" "remedy"     one clear sentence, exit 1

step_number=0
step_times=()
step_start=$SECONDS
step_title=

end_step() {
  [ -n "$step_title" ] || return 0
  step_times+=("$(printf '%5d s  %s' $((SECONDS - step_start)) "$step_title")")
  step_title=
}

step() {
  end_step
  step_number=$((step_number + 1))
  step_title=$1
  step_start=$SECONDS
  printf '\n[%d/%s] %s\n' "$step_number" "${STEPS:-?}" "$1"
}

print_step_times() {
  end_step
  printf '\nTime of each step:\n'
  printf '  %s\n' "${step_times[@]}"
}

fail() {
  printf '\nerror: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '       %s\n' "$2" >&2
  exit 1
}

# The newest line of a log, without what moves a terminal's cursor.
last_line() {
  tail -c 400 "$1" 2>/dev/null | tr '\r' '\n' | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' |
    grep -v '^[[:space:]]*$' | tail -n 1
}

run_logged() {
  local log=$1 start=$SECONDS shown=0 every=15 code=0 pid
  shift
  if [ -t 2 ]; then every=1; fi
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    [ $((SECONDS - start - shown)) -ge $every ] || continue
    shown=$((SECONDS - start))
    if [ -t 2 ]; then
      printf '\r\033[K  %d s: %.70s' "$shown" "$(last_line "$log")" >&2
    else
      printf '  %d s: %.100s\n' "$shown" "$(last_line "$log")" >&2
    fi
  done
  wait "$pid" || code=$?
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  if [ "$code" -ne 0 ]; then
    printf '  failed (%d) after %d s; the end of %s:\n' "$code" \
      $((SECONDS - start)) "$log" >&2
    tail -n 15 "$log" | sed 's/^/  | /' >&2
  fi
  return "$code"
}
