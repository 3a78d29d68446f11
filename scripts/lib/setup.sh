# SPDX-License-Identifier: MIT
#
# To be sourced. One function for the other scripts:
#
#   diffode_setup PURPOSE...    makes sure that everything for the purposes (build, test, demo, bench) is installed
#
# Where something is missing it is installed with apt-get, as root or through sudo. Where that is impossible, the
# script ends with status 2 and says what is missing.

# purpose | Debian package | how to see that it is there: `program NAME` or `header PATH`, alternatives by a comma, or
# `sanitizer COMPILER`, which links a program under the sanitizers
diffode_packages='
build | g++                | program g++
build | cmake              | program cmake
build | ninja-build        | program ninja
build | git                | program git
build | pkg-config         | program pkg-config,pkgconf
test  | clang              | program clang++
test  | libclang-rt-dev    | sanitizer clang++
test  | catch2             | header catch2/catch.hpp,catch2/catch_test_macros.hpp
test  | libbenchmark-dev   | header benchmark/benchmark.h
test  | libeigen3-dev      | header eigen3/Eigen/Core,Eigen/Core
test  | libxtensor-dev     | header xtensor/xtensor.hpp,xtensor/containers/xtensor.hpp
test  | libxsimd-dev       | header xsimd/xsimd.hpp
test  | libfmt-dev         | header fmt/format.h
test  | nlohmann-json3-dev | header nlohmann/json.hpp
test  | libcli11-dev       | header CLI/CLI.hpp
test  | libzip-dev         | header zip.h
test  | valgrind           | program valgrind
test  | libcairo2-dev      | header cairo/cairo.h,cairo.h
demo  | libeigen3-dev      | header eigen3/Eigen/Core,Eigen/Core
demo  | libfmt-dev         | header fmt/format.h
demo  | nlohmann-json3-dev | header nlohmann/json.hpp
demo  | libcli11-dev       | header CLI/CLI.hpp
demo  | libcairo2-dev      | header cairo/cairo.h,cairo.h
bench | libbenchmark-dev   | header benchmark/benchmark.h
bench | libeigen3-dev      | header eigen3/Eigen/Core,Eigen/Core
bench | libfmt-dev         | header fmt/format.h
bench | nlohmann-json3-dev | header nlohmann/json.hpp
bench | libcli11-dev       | header CLI/CLI.hpp
bench | libcairo2-dev      | header cairo/cairo.h,cairo.h
'

# diffode_has KIND NAMES: is one of the comma-separated names there?
diffode_has() {
  local kind=$1 name
  for name in ${2//,/ }; do
    case $kind in
      program) command -v "$name" >/dev/null 2>&1 && return 0 ;;
      sanitizer)
        echo 'int main() {}' | "$name" -x c++ -fsanitize=address,undefined -o /dev/null - >/dev/null 2>&1 && return 0
        ;;
      header)
        local dir
        for dir in /usr/include /usr/local/include /opt/homebrew/include ${CPATH:+${CPATH//:/ }} \
          ${CMAKE_PREFIX_PATH:+${CMAKE_PREFIX_PATH//[:;]//include }/include}; do
          [[ -e $dir/$name ]] && return 0
        done
        # Elsewhere only the compiler knows where it looks.
        if command -v g++ >/dev/null 2>&1 &&
          echo "#include <$name>" | g++ -x c++ -std=c++20 -M - >/dev/null 2>&1; then
          return 0
        fi
        ;;
    esac
  done
  return 1
}

# diffode_missing PURPOSE...: the packages that are missing, one a line.
diffode_missing() {
  local wanted=" $* " purpose package kind names
  while read -r purpose package kind names; do
    [[ -n $purpose && $wanted == *" $purpose "* ]] || continue
    diffode_has "$kind" "$names" || echo "$package"
  done <<<"${diffode_packages//|/ }" | sort -u
}

diffode_setup() {
  local missing
  mapfile -t missing < <(diffode_missing "$@")
  if ((${#missing[@]} > 0)); then
    local root=()
    if ((EUID != 0)); then root=(sudo); fi
    if command -v apt-get >/dev/null 2>&1 && { ((EUID == 0)) || command -v sudo >/dev/null 2>&1; }; then
      echo "installing ${missing[*]}"
      local log
      log=$(mktemp)
      if ! { "${root[@]}" apt-get update -q &&
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        echo "apt-get failed; the whole output is in $log" >&2
        exit 2
      fi
      rm -f "$log"
      mapfile -t missing < <(diffode_missing "$@")
    fi
  fi
  if ((${#missing[@]} > 0)); then
    {
      echo "These are missing and cannot be installed from here (Debian's names): ${missing[*]}"
      echo "Install them, then start this script again."
    } >&2
    exit 2
  fi
  local version
  version=$(cmake --version | sed -n '1s/[^0-9]*//p')
  if [[ $(printf '%s\n' 3.25 "$version" | sort -V | head -n 1) != 3.25 ]]; then
    echo "CMake is version $version; diffode needs 3.25 or later." >&2
    exit 2
  fi
}
