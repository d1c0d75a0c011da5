#!/usr/bin/env bash
# Names the oneDNN with which the C++ compiler can build, or prints nothing.
set -euo pipefail

text='#include <oneapi/dnnl/dnnl.hpp>
"oneDNN" DNNL_VERSION_MAJOR DNNL_VERSION_MINOR
static_assert(DNNL_VERSION_MAJOR >= 2);'
found=$(printf '%s\n' "$text" | ${CXX:-c++} -std=c++17 -E -P -x c++ - 2>/dev/null | grep '^"oneDNN"') || exit 0
read -r name major minor <<<"${found//\"/}"
echo "$name $major.$minor"
