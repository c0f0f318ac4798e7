# What the scripts beside this one have in common: finds a JDK, builds the benchmarks if sources
# changed. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jar=$root/jmh/target/benchmarks.jar
peers=$root/jmh/peers/target/peers.jar
source "$root/scripts/jdk.sh"

# 3, as 1 and 2 are what the commands have to say.
fail() {
  echo "$1" >&2
  exit 3
}

# Runs Maven on a project without its tests; shows its output only if it fails.
maven() {
  command -v mvn >/dev/null || fail "No Maven found: install one, or put mvn on the PATH."
  local log project=$1
  shift
  log=$(mktemp)
  if ! JAVA_HOME=$jdk mvn -B -f "$root/$project" -DskipTests -Dmaven.test.skip=true "$@" \
    >"$log" 2>&1; then
    grep -v '^\[INFO\]' "$log" >&2 || cat "$log" >&2
    rm "$log"
    fail "The build failed: see above."
  fi
  rm "$log"
}

# Whether a jar is missing or older than one of the files and folders that follow it; where a file
# was deleted, its folder is newer.
is_stale() {
  local built=$1
  shift
  [[ ! -f $built ]] || [[ -n $(find "$@" -newer "$built" -print -quit) ]]
}

# Installs Lanewise into the local repository and packs the benchmarks.
build() {
  if is_stale "$jar" "$root/pom.xml" "$root/src/main" "$root/jmh/pom.xml" "$root/jmh/src/main"; then
    echo "Building (the first time Maven downloads what it needs) ..." >&2
    maven pom.xml package install:install
    maven jmh/pom.xml package install:install
  fi
}

# Packs the other engines; what they need goes to a folder beside them.
build_peers() {
  if is_stale "$peers" "$jar" "$root/jmh/peers/pom.xml" "$root/jmh/peers/src/main"; then
    echo "Fetching and building the other engines ..." >&2
    maven jmh/peers/pom.xml clean package
  fi
}

jdk=$(find_jdk) || fail "No JDK 25 or newer found: install one, or point JAVA_HOME at it."
build
