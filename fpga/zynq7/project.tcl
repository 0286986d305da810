# SPDX-License-Identifier: Apache-2.0
#
# Creates the Vivado project in the folder `vivado` beside this file:
#
#   vivado -mode batch -source project.tcl

apply {{here} {
    source [file join $here version.tcl]
    source [file join $here settings.tcl]
    set name $finn::settings(name)
    set folder [file join $here vivado]
    if {[file exists [file join $folder $name.xpr]]} {
        error "project: [file join $folder $name.xpr] exists; delete the folder vivado to begin anew"
    }
    create_project $name $folder -part $finn::settings(part)
    # The board files only bring the names of the board's parts; the design takes the preset that the PS7 IP carries.
    if {[llength [get_board_parts -quiet $finn::settings(board_part)]] > 0} {
        set_property board_part $finn::settings(board_part) [current_project]
    } else {
        puts "INFO: no board files of $finn::settings(board_part) here; the part alone will do"
    }
    source [file join $here system.tcl]
    if {$finn::settings(constraints) ne ""} {
        add_files -fileset constrs_1 -norecurse [file join $here $finn::settings(constraints)]
    }
    puts "INFO: [file join $folder $name.xpr] is ready; build.tcl builds the bitstream"
}} [file dirname [file normalize [info script]]]
