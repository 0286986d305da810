# SPDX-License-Identifier: Apache-2.0
"""A strict model of the commands of Vivado, to run our Tcl where Vivado is not at hand.

    model = Vivado(repositories...)          # session.py: the commands, as Vivado documents them in UG835
    tkinter_tcl.run(model, [script])         # our Tcl inside this process
    tclsh.run(model, [script])               # the same in a plain tclsh, which asks this process

Stricter than Vivado: what Vivado only warns of (an open reset, an unmapped segment, an interface without a clock) is an
error here, because a design that is warned of builds and then stands still.
"""
