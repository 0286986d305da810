# SPDX-License-Identifier: Apache-2.0
#
# A model of the commands of Vivado that package_ip.tcl calls, strict about their arguments. It prints
# what the script did. The environment gives Vivado's version (MODEL_VERSION) and the interfaces that it
# infers (MODEL_INFERRED). Arguments: the script, and the script's own.

namespace eval ipx {}
set state [dict create project closed files {} top {} core {} properties {} checked 0]
set buses $::env(MODEL_INFERRED)
set parameters [dict create]
set maps [dict create]

proc expect {condition words} {
    if {![uplevel 1 [list expr $condition]]} {
        error "model: $words"
    }
}

# The options in `words`; `allowed` says of each whether it has a value.
proc options {words allowed} {
    set found [dict create]
    while {[llength $words]} {
        set words [lassign $words option]
        expect {[dict exists $allowed $option]} "unknown argument $option"
        if {[dict get $allowed $option]} {
            set words [lassign $words value]
            dict set found $option $value
        } else {
            dict set found $option 1
        }
    }
    return $found
}

proc version {option} {
    expect {$option eq "-short"} "version $option"
    return $::env(MODEL_VERSION)
}

proc create_project {option} {
    expect {$option eq "-in_memory"} "create_project $option"
    dict set ::state project open
}

proc add_files {option file} {
    expect {$option eq "-norecurse"} "add_files $option"
    expect {[file isfile $file]} "no file $file"
    expect {[file pathtype $file] eq "absolute"} "add_files $file: relative to where Vivado runs"
    puts "file $file"
}

proc current_fileset {} {return sources_1}

proc update_compile_order {option fileset} {
    expect {$option eq "-fileset" && $fileset eq "sources_1"} "update_compile_order $option $fileset"
}

proc close_project {} {
    expect {[dict get $::state project] eq "open"} "no project is open"
    dict set ::state project closed
    puts "closed"
}

proc set_property {name value object} {
    switch -glob $object {
        sources_1 {expect {$name eq "top"} "set_property $name of a file set"}
        core {
            set known {name version core_revision display_name description supported_families}
            expect {$name in $known} "set_property $name"
        }
        bus:* {expect {$name eq "slave_memory_map_ref"} "set_property $name of $object"}
        parameter:* {
            expect {$name eq "value"} "set_property $name of $object"
            dict set ::parameters {*}[lrange [split $object :] 1 2] $value
        }
        block:* {expect {$name in {usage width range}} "set_property $name of $object"}
        register:* {expect {$name in {address_offset size description}} "set_property $name of $object"}
        default {error "model: set_property of $object"}
    }
    puts [list property $object $name $value]
}

proc get_property {name object} {
    expect {$name eq "NAME" && [string match user:* $object]} "get_property $name $object"
    return [string range $object 5 end]
}

proc ipx::package_project {args} {
    expect {[dict get $::state project] eq "open"} "no project is open"
    set known {-root_dir 1 -vendor 1 -library 1 -taxonomy 1 -import_files 0 -set_current 1}
    puts [list package [options $args $known]]
    dict set ::state core core
}

proc ipx::current_core {} {
    expect {[dict get $::state core] eq "core"} "there is no core"
    return core
}

proc ipx::get_user_parameters {option core} {
    expect {$option eq "-of_objects" && $core eq "core"} "get_user_parameters $option"
    return {user:WIDTH user:DEPTH}
}

proc ipx::remove_user_parameter {name core} {
    puts "removed $name"
}

proc ipx::infer_bus_interface {port kind core} {
    set known {^xilinx\.com:signal:(clock|reset|interrupt)_rtl:1\.0$}
    expect {[regexp $known $kind]} "infer_bus_interface $kind"
    lappend ::buses $port
    puts "inferred $port $kind"
}

proc ipx::get_bus_interfaces {name option core} {
    expect {$option eq "-of_objects" && $core eq "core"} "get_bus_interfaces $option"
    return [expr {$name in $::buses ? "bus:$name" : ""}]
}

proc ipx::get_bus_parameters {name option bus} {
    expect {$option eq "-of_objects" && [string match bus:* $bus]} "get_bus_parameters $option $bus"
    set bus [string range $bus 4 end]
    return [expr {[dict exists $::parameters $bus $name] ? "parameter:$bus:$name" : ""}]
}

proc ipx::add_bus_parameter {name bus} {
    expect {[string match bus:* $bus]} "add_bus_parameter $name of $bus"
    dict set ::parameters [string range $bus 4 end] $name ""
}

proc ipx::get_memory_maps {name option core} {
    expect {$option eq "-of_objects" && $core eq "core"} "get_memory_maps $option"
    return [expr {[dict exists $::maps $name] ? "map:$name" : ""}]
}

proc ipx::add_memory_map {name core} {
    dict set ::maps $name {}
}

proc ipx::get_address_blocks {name option map} {
    expect {$option eq "-of_objects" && [string match map:* $map]} "get_address_blocks $option $map"
    set map [string range $map 4 end]
    return [expr {$name in [dict get $::maps $map] ? "block:$map" : ""}]
}

proc ipx::add_address_block {name map} {
    dict lappend ::maps [string range $map 4 end] $name
}

proc ipx::add_register {name block} {
    expect {[string match block:* $block]} "add_register $name of $block"
    return register:[string range $block 6 end]:$name
}

proc ipx::create_xgui_files {core} {}
proc ipx::update_checksums {core} {}

proc ipx::check_integrity {core} {
    dict set ::state checked 1
}

proc ipx::save_core {core} {
    expect {[dict get $::state checked]} "saved without a check"
    puts "saved"
}

set argv0 [lindex $argv 0]
set argv [lrange $argv 1 end]
source $argv0
