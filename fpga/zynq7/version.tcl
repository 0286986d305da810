# SPDX-License-Identifier: Apache-2.0
#
# Stops in a version of Vivado that these scripts were not written for; FINN_ANY_VIVADO in the environment goes on.

namespace eval finn {
    # write_hw_platform came with 2019.2. Nothing newer than `last` was known when this was written.
    variable first 2019.2
    variable last 2025.2
}

# Year and release as one number: 20221 for 2022.1.
proc finn::version_number {version} {
    if {![regexp {^([0-9]{4})\.([0-9])} $version -> year release]} {
        error "version: Vivado calls itself '$version', which is no version of the form 2022.1"
    }
    return "$year$release"
}

proc finn::check_version {} {
    variable first
    variable last
    set version [version -short]
    set number [version_number $version]
    if {$number >= [version_number $first] && $number <= [version_number $last]} {
        return
    }
    set sentence "version: this is Vivado $version; the scripts are written for $first to $last"
    if {[info exists ::env(FINN_ANY_VIVADO)]} {
        puts "WARNING: $sentence"
        return
    }
    error "$sentence (FINN_ANY_VIVADO=1 in the environment goes on all the same)"
}

finn::check_version
