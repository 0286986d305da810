# SPDX-License-Identifier: Apache-2.0
#
# tclsh shim.tcl ASK ANSWER COMMANDS SCRIPT ARGUMENT...: sources SCRIPT with each of COMMANDS asked of the model. ASK
# and ANSWER are the numbers of two open pipes; question and answer are each a list in Base64 on a line.

source [file join [file dirname [info script]] prelude.tcl]

namespace eval model {
    variable question [open /dev/fd/[lindex $::argv 0] w]
    variable answer [open /dev/fd/[lindex $::argv 1] r]
    fconfigure $question -translation lf -buffering line
    fconfigure $answer -translation lf
}

proc model::ask {args} {
    variable question
    variable answer
    puts $question [binary encode base64 [encoding convertto utf-8 $args]]
    if {[gets $answer line] < 0} {
        error "the model is gone"
    }
    return [encoding convertfrom utf-8 [binary decode base64 $line]]
}

model::define [lindex $argv 2]
set script [lindex $argv 3]
set argv [lrange $argv 4 end]
if {[catch {uplevel #0 [list source $script]} message]} {
    puts stderr $message
    exit 1
}
