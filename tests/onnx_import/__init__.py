# SPDX-License-Identifier: Apache-2.0
"""Networks from ONNX files: what they become, what is refused, files that are damaged or hostile."""
