# SPDX-License-Identifier: Apache-2.0
#
# Adds the system to the open project: the IP repository beside this file, then the block design. project.tcl sources
# it, and so does the project script that edalize writes for FuseSoC.

apply {{here} {
    foreach script {version.tcl settings.tcl verbs.tcl} {
        uplevel #0 [list source [file join $here $script]]
    }
    set project [current_project]
    # FuseSoC names the part a second time, in the core's own file.
    set part [get_property part $project]
    if {![string equal -nocase $part $finn::settings(part)]} {
        error "system: the project is for the part $part, the board has $finn::settings(part)"
    }
    set repository [file join $here ip]
    if {![file isdirectory $repository]} {
        error "system: there is no folder $repository with the accelerator's IP"
    }
    set_property ip_repo_paths [concat [get_property ip_repo_paths $project] [list $repository]] $project
    update_ip_catalog -rebuild
    uplevel #0 [list source [file join $here design.tcl]]
}} [file dirname [file normalize [info script]]]
