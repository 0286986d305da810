# SPDX-License-Identifier: Apache-2.0
#
# The verbs in which a block design is written. They look before they act, so that a mistake is told in the words of
# the design, and told by all versions of Vivado.
#
#   finn::cell NAME IP {PARAMETER VALUE ...}   a cell of the newest version of an IP, with its configuration
#   finn::connect A B ?B ...?                  A with each B: interface pins, pins, ports, or 0 and 1
#   finn::external PIN NAME                    a pin or an interface pin of a cell as a port of the design
#   finn::map SPACE SEGMENT OFFSET RANGE       a slave's segment into the address space of a master
#   finn::finish NAME ?OPEN?                   all connected but the pins in OPEN; validated, saved, wrapped as top

namespace eval finn {
    namespace export cell connect external map finish
}

# An IP by vendor:library:name, in its newest version. Some that can still be used in a block design (axi_interconnect)
# are hidden from a plain search, hence -all.
proc finn::newest {ip} {
    set found [list]
    foreach candidate [get_ipdefs -all -filter "VLNV =~ $ip:* && design_tool_contexts =~ *IPI*"] {
        lappend found [get_property VLNV $candidate]
    }
    if {[llength $found] == 0} {
        error "cell: no IP $ip in the catalog; is its folder among the project's IP repositories?"
    }
    return [lindex [lsort -dictionary $found] end]
}

proc finn::cell {name ip {config {}}} {
    if {[llength [get_bd_cells -quiet $name]] > 0} {
        error "cell: there is a cell $name already"
    }
    set cell [create_bd_cell -type ip -vlnv [newest $ip] $name]
    # One by one and in the order given: a preset must come before what departs from it. Read back, because Vivado
    # passes over a parameter that does not exist with a warning.
    foreach {parameter value} $config {
        set_property "CONFIG.$parameter" $value $cell
        if {[catch {get_property "CONFIG.$parameter" $cell} found] || ![same $found $value]} {
            error "cell: $name ($ip): parameter $parameter is '$found' after it was set to $value"
        }
    }
    return $cell
}

# Whether two values are the same text, in capitals or not, or the same number but for rounding.
proc finn::same {a b} {
    if {[string is double -strict $a] && [string is double -strict $b]} {
        return [expr {abs($a - $b) < 1e-3}]
    }
    return [string equal -nocase $a $b]
}

# What NAME stands for: {kind object}, kind being interface, pin, interface_port, port or constant.
proc finn::find {name} {
    if {$name in {0 1}} {
        return [list constant $name]
    }
    foreach {kind query} {
        interface get_bd_intf_pins
        pin get_bd_pins
        interface_port get_bd_intf_ports
        port get_bd_ports
    } {
        set found [$query -quiet $name]
        if {[llength $found] == 1} {
            return [list $kind $found]
        }
        if {[llength $found] > 1} {
            error "connect: $name stands for [llength $found] things: $found"
        }
    }
    set parts [split [string trimleft $name /] /]
    if {[llength $parts] == 2 && [llength [get_bd_cells -quiet [lindex $parts 0]]] == 0} {
        error "connect: $name: there is no cell [lindex $parts 0]"
    }
    error "connect: $name: no pin, interface or port has this name"
}

# Bits of a pin; those of a port without a range are one.
proc finn::width {object} {
    set left [get_property LEFT $object]
    set right [get_property RIGHT $object]
    if {$left eq "" || $right eq ""} {
        return 1
    }
    return [expr {abs($left - $right) + 1}]
}

# Whether an object gives (1) or takes (0); a port of the design is seen from within.
proc finn::gives {kind object} {
    switch -- $kind {
        interface { return [expr {[get_property MODE $object] eq "Master"}] }
        interface_port { return [expr {[get_property MODE $object] eq "Slave"}] }
        pin { return [expr {[get_property DIR $object] eq "O"}] }
        port { return [expr {[get_property DIR $object] eq "I"}] }
    }
}

proc finn::connect {a args} {
    if {[llength $args] == 0} {
        error "connect: $a with what?"
    }
    foreach b $args {
        lassign [find $a] kind_a object_a
        lassign [find $b] kind_b object_b
        if {$kind_a eq "constant"} {
            tie $b $kind_b $object_b $a
        } elseif {$kind_b eq "constant"} {
            tie $a $kind_a $object_a $b
        } elseif {($kind_a in {pin port}) != ($kind_b in {pin port})} {
            error "connect: $a ($kind_a) and $b ($kind_b) do not fit: a single net and an interface"
        } elseif {[gives $kind_a $object_a] == [gives $kind_b $object_b]} {
            set both [expr {[gives $kind_a $object_a] ? "give" : "take"}]
            error "connect: $a and $b do not fit: both $both"
        } elseif {$kind_a in {pin port}} {
            connect_nets $a $object_a $b $object_b
        } else {
            connect_interfaces $a $object_a $b $object_b
        }
    }
}

proc finn::connect_interfaces {a object_a b object_b} {
    set bus_a [get_property VLNV $object_a]
    set bus_b [get_property VLNV $object_b]
    if {$bus_a ne $bus_b} {
        error "connect: $a ($bus_a) and $b ($bus_b) do not fit: interfaces of different kind"
    }
    foreach {name object} [list $a $object_a $b $object_b] {
        set there [get_bd_intf_nets -quiet -of_objects $object]
        if {[llength $there] > 0} {
            error "connect: $name has a connection already: $there"
        }
    }
    connect_bd_intf_net $object_a $object_b
}

proc finn::connect_nets {a object_a b object_b} {
    set width_a [width $object_a]
    set width_b [width $object_b]
    if {$width_a != $width_b} {
        error "connect: $a ($width_a bits) and $b ($width_b bits) do not fit: widths differ"
    }
    set type_a [get_property TYPE $object_a]
    set type_b [get_property TYPE $object_b]
    foreach special {clk rst intr} {
        # `undef` is what a pin without a declared purpose has; it may carry anything.
        if {($type_a eq $special) != ($type_b eq $special) && "undef" ni [list $type_a $type_b]} {
            error "connect: $a ($type_a) and $b ($type_b) do not fit: different purposes"
        }
    }
    # One of the two takes, and what takes has one driver.
    set taker [expr {[get_property DIR $object_a] eq "I" && [get_property CLASS $object_a] eq "bd_pin" ? $a : $b}]
    set object [expr {$taker eq $a ? $object_a : $object_b}]
    set there [get_bd_nets -quiet -of_objects $object]
    if {[llength $there] > 0} {
        error "connect: $taker is driven already, by net $there"
    }
    connect_bd_net $object_a $object_b
}

# A pin at a constant 0 or 1, all bits.
proc finn::tie {name kind object value} {
    if {$kind ne "pin"} {
        error "connect: $name ($kind) and the constant $value do not fit: a constant drives pins"
    }
    set bits [width $object]
    set constant "constant_${value}_$bits"
    if {[llength [get_bd_cells -quiet $constant]] == 0} {
        set number [expr {$value ? (1 << $bits) - 1 : 0}]
        cell $constant xilinx.com:ip:xlconstant [list CONST_WIDTH $bits CONST_VAL $number]
    }
    connect_nets $constant/dout [get_bd_pins $constant/dout] $name $object
}

proc finn::external {pin name} {
    lassign [find $pin] kind object
    switch -- $kind {
        interface {
            set mode [get_property MODE $object]
            set port [create_bd_intf_port -mode $mode -vlnv [get_property VLNV $object] $name]
            connect_bd_intf_net $object $port
        }
        pin {
            set port [create_bd_port -dir [get_property DIR $object] -type [get_property TYPE $object] $name]
            connect_bd_net $object $port
        }
        default { error "external: $pin ($kind) is no pin of a cell" }
    }
}

proc finn::map {space segment offset range} {
    set master [get_bd_addr_spaces -quiet $space]
    if {[llength $master] != 1} {
        error "map: there is no address space $space"
    }
    set slave [get_bd_addr_segs -quiet $segment]
    if {[llength $slave] != 1} {
        error "map: there is no segment $segment"
    }
    if {$range & ($range - 1) || $offset % $range} {
        error "map: $segment at $offset, $range bytes: the size must be a power of two and the offset a multiple of it"
    }
    assign_bd_address -target_address_space $master -offset $offset -range $range $slave
}

# Inputs for clocks, resets and interrupts and AXI interfaces must be connected, but for those in `open`. Vivado ties an
# open reset or interrupt to 0 with a warning; the design would then build and stand still.
proc finn::check_connected {open} {
    set missing [list]
    foreach cell [get_bd_cells] {
        set special {DIR == I && (TYPE == clk || TYPE == rst || TYPE == intr)}
        foreach pin [get_bd_pins -quiet -of_objects $cell -filter $special] {
            if {[llength [get_bd_nets -quiet -of_objects $pin]] == 0} {
                lappend missing [string trimleft $pin /]
            }
        }
        set axi {VLNV =~ *:aximm_rtl:* || VLNV =~ *:axis_rtl:*}
        foreach pin [get_bd_intf_pins -quiet -of_objects $cell -filter $axi] {
            if {[llength [get_bd_intf_nets -quiet -of_objects $pin]] == 0} {
                lappend missing [string trimleft $pin /]
            }
        }
    }
    foreach pin $open {
        if {$pin ni $missing} {
            error "finish: $pin was to stay open, but is connected or does not exist"
        }
    }
    set missing [lmap pin $missing { expr {$pin in $open ? [continue] : $pin} }]
    if {[llength $missing] > 0} {
        error "finish: not connected: [join $missing {, }]"
    }
}

proc finn::finish {name {open {}}} {
    check_connected $open
    regenerate_bd_layout
    validate_bd_design
    save_bd_design
    set design [get_files $name.bd]
    generate_target all $design
    set wrapper [make_wrapper -files $design -top]
    add_files -norecurse $wrapper
    set_property top ${name}_wrapper [current_fileset]
    update_compile_order -fileset sources_1
}
