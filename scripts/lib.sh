# What the scripts beside this one have in common: finds a JDK, builds the benchmarks if sources
# changed. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jar=$root/jmh/target/benchmarks.jar
peers=$root/jmh/peers/target/peers.jar

fail() {
  echo "$1" >&2
  exit 1
}

# Whether the folder holds a JDK 25 or newer.
is_jdk() {
  [[ -x $1/bin/java && -f $1/release ]] || return 1
  local version
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [[ ${version:-0} -ge 25 ]]
}

# The folder of a JDK 25 or newer: JAVA_HOME, the usual folders, java on the PATH.
find_jdk() {
  local home java
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/25* \
    "$HOME"/.jdks/*25* "${JAVA_HOME_25_X64:-}" "${JAVA_HOME_25_ARM64:-}"; do
    if is_jdk "$home"; then
      echo "$home"
      return
    fi
  done
  if java=$(command -v java); then
    home=$("$java" -XshowSettings:properties -version 2>&1 |
      sed -n 's/^ *java\.home = //p' | tr -d '\r')
    if is_jdk "$home"; then
      echo "$home"
      return
    fi
  fi
  if [[ -x /usr/libexec/java_home ]] && home=$(/usr/libexec/java_home -v 25+ 2>/dev/null) &&
    is_jdk "$home"; then
    echo "$home"
    return
  fi
  return 1
}

# Runs Maven on a project without its tests; shows its output only if it fails.
maven() {
  command -v mvn >/dev/null || fail "No Maven found: install one, or put mvn on the PATH."
  local log project=$1
  shift
  log=$(mktemp)
  if ! mvn -B -f "$root/$project" -DskipTests -Dmaven.test.skip=true "$@" >"$log" 2>&1; then
    grep -v '^\[INFO\]' "$log" >&2
    rm "$log"
    fail "The build failed: see above."
  fi
  rm "$log"
}

# Whether a jar is missing or older than one of the files and folders that follow it.
is_stale() {
  local built=$1
  shift
  [[ ! -f $built ]] || [[ -n $(find "$@" -type f -newer "$built" -print -quit) ]]
}

# Installs Lanewise into the local repository and packs the benchmarks.
build() {
  if is_stale "$jar" "$root/pom.xml" "$root/src/main" "$root/jmh/pom.xml" "$root/jmh/src/main"; then
    echo "Building ..." >&2
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
