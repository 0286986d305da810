# SPDX-License-Identifier: Apache-2.0
"""A strict model of the commands of Vivado, to run our Tcl where Vivado is not at hand.

    model = VivadoWithHardware(board=board)  # the commands, as UG835 documents them, and ipx::
    tkinter_tcl.run(model, [script], folder) # our Tcl inside this process
    tclsh.run(model, [script], folder)       # the same in a plain tclsh, which asks this process
    draw.svg(model.designs["system"])        # what was built, as a picture

Stricter than Vivado: what Vivado only warns of (an open reset, an unmapped segment, an interface without a clock) is an
error here, because a design that is warned of builds and then stands still.
"""
