# SPDX-License-Identifier: Apache-2.0
"""A report of an accelerator as one HTML page that needs nothing else: no network, no library, opened from disk.

page         the page around parts, and how templates are rendered
measured     what a simulation saw, which stands beside what is planned
plan_parts   the parts that a plan gives, with what was measured where there is something
timeline     when images pass the stages, as a picture
roofline     what bounds the rate, as a picture
scale        axes of pictures

Pictures are SVG from templates, so that the page has a few dozen kilobytes and no library is installed for it.
"""
