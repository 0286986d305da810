# SPDX-License-Identifier: Apache-2.0
#
# Synthesis, implementation, bitstream and reports of the project that project.tcl created:
#
#   vivado -mode batch -source build.tcl
#
# Fails if a step fails or the timing is not met. What the board needs lies in the folder `out` then: <net>_axi.bit,
# .hwh and .json for PYNQ, .xsa and .h for bare metal, and the reports. FINN_JOBS in the environment: parallel jobs (2).

namespace eval finn {}

# Runs to `step` (the end if empty); an error that names the run's log if it did not get there.
proc finn::run {name jobs {step ""}} {
    set run [get_runs $name]
    if {$step eq ""} {
        launch_runs $run -jobs $jobs
    } else {
        launch_runs $run -to_step $step -jobs $jobs
    }
    wait_on_run $run
    if {[get_property PROGRESS $run] ne "100%"} {
        set log [file join [get_property DIRECTORY $run] runme.log]
        error "build: $name ended as '[get_property STATUS $run]'; see $log"
    }
}

# The worst slack of setup (max) or hold (min) in ns.
proc finn::slack {delay} {
    set path [get_timing_paths -delay_type $delay -max_paths 1 -nworst 1]
    if {[llength $path] == 0} {
        error "build: no timing path was found ($delay); a design without clocks?"
    }
    return [get_property SLACK $path]
}

# The one file that a pattern stands for.
proc finn::only {what args} {
    set found [glob -nocomplain {*}$args]
    if {[llength $found] != 1} {
        error "build: [llength $found] files instead of one for the $what: $found"
    }
    return [lindex $found 0]
}

apply {{here} {
    source [file join $here version.tcl]
    source [file join $here settings.tcl]
    set name $finn::settings(name)
    set module $finn::settings(module)
    set folder [file join $here vivado]
    set out [file join $here out]
    set jobs [expr {[info exists ::env(FINN_JOBS)] ? $::env(FINN_JOBS) : 2}]
    if {![file exists [file join $folder $name.xpr]]} {
        error "build: there is no [file join $folder $name.xpr]; run project.tcl first"
    }
    open_project [file join $folder $name.xpr]
    file mkdir $out
    finn::run synth_1 $jobs
    finn::run impl_1 $jobs write_bitstream
    open_run impl_1
    report_utilization -hierarchical -hierarchical_depth 4 -file [file join $out utilization.rpt]
    report_timing_summary -max_paths 10 -file [file join $out timing.rpt]
    report_power -file [file join $out power.rpt]
    report_drc -file [file join $out drc.rpt]
    set setup [finn::slack max]
    set hold [finn::slack min]
    if {$setup < 0 || $hold < 0} {
        set slack "$setup ns (setup), $hold ns (hold)"
        error "build: the timing is not met: worst slack $slack; see [file join $out timing.rpt]"
    }
    file copy -force [finn::only bitstream -directory [get_property DIRECTORY [get_runs impl_1]] *.bit] \
        [file join $out $module.bit]
    # Vivado 2020.1 and older keep the hand-off of a block design in .srcs, newer ones in .gen.
    set handoff [file join $folder $name]
    file copy -force [finn::only "hardware hand-off" \
        $handoff.gen/sources_1/bd/system/hw_handoff/system.hwh \
        $handoff.srcs/sources_1/bd/system/hw_handoff/system.hwh] [file join $out $module.hwh]
    write_hw_platform -fixed -include_bit -force -file [file join $out $module.xsa]
    # What the drivers have to know.
    foreach kind {json h} {
        file copy -force [file join $here ip $module $module.$kind] $out
    }
    puts "INFO: worst slack $setup ns (setup), $hold ns (hold); $module.bit, .hwh and .xsa are in $out"
    close_project
}} [file dirname [file normalize [info script]]]
