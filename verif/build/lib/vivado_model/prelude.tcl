# SPDX-License-Identifier: Apache-2.0
#
# Common to both front ends: a command of Vivado is a question to the model. `model::ask NAME WORD...` answers with
# `ok` or `error` and the text.

namespace eval model {}

proc model::call {args} {
    lassign [model::ask {*}$args] state text
    if {$state eq "error"} {
        return -code error $text
    }
    return $text
}

proc model::define {names} {
    foreach name $names {
        namespace eval ::[namespace qualifiers $name] {}
        interp alias {} ::$name {} ::model::call $name
    }
}
