# Finds a JDK for the scripts beside this one and for .ci/run. To be sourced.

# Whether the folder holds a JDK 25 or newer.
is_jdk() {
  [[ -x $1/bin/javac && -f $1/release ]] || return 1
  local version
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [[ ${version:-0} -ge 25 ]]
}

# The folder of a JDK 25 or newer: JAVA_HOME, JAVA25_HOME, JAVA_HOME_25_X64 and the like, the folders
# where Maven looks for one too, java on the PATH.
find_jdk() {
  local home java variable
  local homes=("${JAVA_HOME:-}")
  for variable in "${!JAVA@}"; do
    homes+=("${!variable}")
  done
  homes+=(/usr/lib/jvm/* /usr/java/* /opt/java/* "$HOME"/.jdks/* "$HOME"/.sdkman/candidates/java/*
    /Library/Java/JavaVirtualMachines/*/Contents/Home)
  if java=$(command -v java); then
    homes+=("$("$java" -XshowSettings:properties -version 2>&1 |
      sed -n 's/^ *java\.home = //p' | tr -d '\r')")
  fi
  for home in "${homes[@]}"; do
    if is_jdk "$home"; then
      echo "$home"
      return
    fi
  done
  return 1
}
