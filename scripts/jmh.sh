# Sourced by scripts/bench and scripts/demo: finds a JDK and builds jmh/target/benchmarks.jar if sources
# changed. Sets root, jar and jdk.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jar=$root/jmh/target/benchmarks.jar

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

# Installs Lanewise into the local repository and packs the benchmarks; shows Maven's output only
# if it fails.
build() {
  command -v mvn >/dev/null || fail "No Maven found: install one, or put mvn on the PATH."
  echo "Building ..." >&2
  local log
  log=$(mktemp)
  if ! { mvn -B -f "$root/pom.xml" -DskipTests -Dmaven.test.skip=true package install:install &&
    mvn -B -f "$root/jmh/pom.xml" -DskipTests -Dmaven.test.skip=true package; } >"$log" 2>&1; then
    grep -v '^\[INFO\]' "$log" >&2
    rm "$log"
    fail "The build failed: see above."
  fi
  rm "$log"
}

is_stale() {
  [[ ! -f $jar ]] || [[ -n $(find "$root/pom.xml" "$root/src/main" "$root/jmh/pom.xml" \
    "$root/jmh/src/main" -type f -newer "$jar" -print -quit) ]]
}

jdk=$(find_jdk) ||
  fail "No JDK 25 or newer found: install one, or point JAVA_HOME at it."
if is_stale; then
  build
fi
