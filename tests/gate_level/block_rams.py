# SPDX-License-Identifier: Apache-2.0
"""Models of the block RAMs of 7-series and ECP5 in Verilog: Yosys ships none, but for empty modules.

They hold what Yosys maps memories to: no output registers, no cascades, one clock, read before write. Anything else
ends the simulation. UG473 (7-series) and FPGA-TN-02204 (ECP5) say how bits are numbered.
"""

from __future__ import annotations

PREFIX = "SIM_"
"""What the models' names begin with, since Yosys' empty modules have the cells' own."""
NAMES = {"xc7": ("RAMB18E1", "RAMB36E1"), "ecp5": ("DP16KD",)}


def verilog(family: str) -> str:
    """The models of a family."""
    return _ramb("RAMB18E1", 14, 2) + _ramb("RAMB36E1", 15, 4) if family == "xc7" else _dp16kd()


def _initial(parameter: str, memory: str, count: int, bits: int) -> tuple[str, str]:
    """Parameters with contents, and the statements that load them."""
    names = [f"{parameter}_{index:02X}" for index in range(count)]
    declared = "".join(f"    parameter [{bits - 1}:0] {name} = {bits}'b0,\n" for name in names)
    return declared, "".join(
        f"        {memory}[{index * bits} +: {bits}] = {name};\n" for index, name in enumerate(names)
    )


def _ramb(name: str, address: int, lanes: int) -> str:
    """RAMB18E1 or RAMB36E1: `address` bits for a memory of single bits, `lanes` bytes a port.

    With RAM_MODE SDP both ports' data pins are one word, port A reads and port B writes.
    """
    size = 1 << address
    data_parameters, data_loads = _initial("INIT", "data", size // 256, 256)
    parity_parameters, parity_loads = _initial("INITP", "parity", size // 8 // 256, 256)
    pins = address if name == "RAMB18E1" else address + 1
    wide = 2 * lanes
    return f"""
module {PREFIX}{name} #(
{data_parameters}{parity_parameters}    parameter RAM_MODE = "TDP",
    parameter RAM_EXTENSION_A = "NONE", parameter RAM_EXTENSION_B = "NONE",
    parameter WRITE_MODE_A = "READ_FIRST", parameter WRITE_MODE_B = "READ_FIRST",
    parameter integer READ_WIDTH_A = 0, parameter integer READ_WIDTH_B = 0,
    parameter integer WRITE_WIDTH_A = 0, parameter integer WRITE_WIDTH_B = 0,
    parameter integer DOA_REG = 0, parameter integer DOB_REG = 0,
    parameter [{9 * lanes - 1}:0] INIT_A = 0, parameter [{9 * lanes - 1}:0] INIT_B = 0,
    parameter [{9 * wide - 1}:0] SRVAL_A = 0, parameter [{9 * wide - 1}:0] SRVAL_B = 0
) (
    input CLKARDCLK, input CLKBWRCLK, input ENARDEN, input ENBWREN, input REGCEAREGCE, input REGCEB,
    input RSTRAMARSTRAM, input RSTRAMB, input RSTREGARSTREG, input RSTREGB,
    input [{pins - 1}:0] ADDRARDADDR, input [{pins - 1}:0] ADDRBWRADDR,
    input [{8 * lanes - 1}:0] DIADI, input [{8 * lanes - 1}:0] DIBDI,
    input [{lanes - 1}:0] DIPADIP, input [{lanes - 1}:0] DIPBDIP,
    input [{lanes - 1}:0] WEA, input [{wide - 1}:0] WEBWE,
    output [{8 * lanes - 1}:0] DOADO, output [{8 * lanes - 1}:0] DOBDO,
    output [{lanes - 1}:0] DOPADOP, output [{lanes - 1}:0] DOPBDOP
);
    reg [{size - 1}:0] data;
    reg [{size // 8 - 1}:0] parity;
    reg [{8 * wide - 1}:0] out;
    reg [{wide - 1}:0] out_parity;
    integer lane, place, base;
    assign {{DOBDO, DOADO}} = out;
    assign {{DOPBDOP, DOPADOP}} = out_parity;

    initial begin
{data_loads}{parity_loads}        out = 0;
        out_parity = 0;
        if (DOA_REG != 0 || READ_WIDTH_B != 0 || WRITE_WIDTH_A != 0 || RAM_EXTENSION_A != "NONE"
                || (WRITE_WIDTH_B != 0 && WRITE_MODE_B != "READ_FIRST")) begin
            $display("ERROR %m: the model does not hold this use of {name}");
            $finish;
        end
    end

    // Bits of data of a word.
    function integer bits(input integer width);
        bits = width < 9 ? width : width / 9 * 8;
    endfunction

    always @(posedge CLKARDCLK) begin
        if (ENARDEN) begin
            base = ADDRARDADDR[{address - 1}:0] / bits(READ_WIDTH_A) * bits(READ_WIDTH_A);
            if (RSTRAMARSTRAM) begin
                out <= SRVAL_A[{8 * wide - 1}:0];
                out_parity <= 0;
            end else begin
                out <= data[base +: {8 * wide}];
                out_parity <= READ_WIDTH_A < 9 ? 0 : parity[base / 8 +: {wide}];
            end
        end
        if (ENBWREN && WRITE_WIDTH_B != 0) begin
            base = ADDRBWRADDR[{address - 1}:0] / bits(WRITE_WIDTH_B) * bits(WRITE_WIDTH_B);
            for (lane = 0; lane < (WRITE_WIDTH_B < 9 ? 1 : WRITE_WIDTH_B / 9); lane = lane + 1)
                if (WEBWE[lane]) begin
                    if (WRITE_WIDTH_B < 9)
                        for (place = 0; place < WRITE_WIDTH_B; place = place + 1)
                            data[base + place] <= DIBDI[place];
                    else begin
                        data[base + 8 * lane +: 8] <= in[8 * lane +: 8];
                        parity[base / 8 + lane] <= in_parity[lane];
                    end
                end
        end
    end
    wire [{8 * wide - 1}:0] in = RAM_MODE == "SDP" ? {{DIBDI, DIADI}} : DIBDI;
    wire [{wide - 1}:0] in_parity = RAM_MODE == "SDP" ? {{DIPBDIP, DIPADIP}} : DIPBDIP;
endmodule
"""


def _dp16kd() -> str:
    """DP16KD: 1,024 words of 18 bits; of widths below 9 the ninth bit of a byte is left out."""
    parameters, loads = _initial("INITVAL", "loaded", 64, 320)
    ports = "".join(
        f"    {way} {name}{index},\n"
        for way, name, count in (
            ("input", "ADA", 14), ("input", "ADB", 14), ("input", "DIA", 18), ("input", "DIB", 18),
            ("output", "DOA", 18), ("output", "DOB", 18), ("input", "CSA", 3), ("input", "CSB", 3),
        )
        for index in range(count)
    )  # fmt: skip
    joined = "".join(
        f"    wire [{count - 1}:0] {name.lower()} = {{{', '.join(f'{name}{i}' for i in reversed(range(count)))}}};\n"
        for name, count in (("ADA", 14), ("ADB", 14), ("DIA", 18), ("DIB", 18))
    )
    driven = "".join(
        f"    assign {{{', '.join(f'{name}{i}' for i in reversed(range(18)))}}} = {name.lower()};\n"
        for name in ("DOA", "DOB")
    )
    return f"""
module {PREFIX}DP16KD #(
{parameters}    parameter integer DATA_WIDTH_A = 18, parameter integer DATA_WIDTH_B = 18,
    parameter REGMODE_A = "NOREG", parameter REGMODE_B = "NOREG", parameter RESETMODE = "SYNC",
    parameter ASYNC_RESET_RELEASE = "SYNC", parameter CSDECODE_A = "0b000", parameter CSDECODE_B = "0b000",
    parameter WRITEMODE_A = "READBEFOREWRITE", parameter WRITEMODE_B = "READBEFOREWRITE",
    parameter CLKAMUX = "CLKA", parameter CLKBMUX = "CLKB", parameter GSR = "AUTO"
) (
{ports}    input CLKA, input CLKB, input CEA, input CEB, input OCEA, input OCEB, input WEA, input WEB,
    input RSTA, input RSTB
);
{joined}    reg [17:0] doa, dob;
{driven}    reg [17:0] mem [0:1023];
    reg [20479:0] loaded;
    integer word;

    initial begin
{loads}        for (word = 0; word < 1024; word = word + 1)
            mem[word] = loaded[20 * word +: 18];
        doa = 0;
        dob = 0;
        if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG" || (WEB !== 1'b0 && WEB !== 1'bx)) begin
            $display("ERROR %m: the model does not hold this use of DP16KD");
            $finish;
        end
    end

    // A word at an address of single bits.
    function [17:0] read(input integer width, input [13:0] address);
        case (width)
            1: read = mem[address[13:4]][9 * address[3] + address[2:0]];
            2: read = mem[address[13:4]][9 * address[3] + 2 * address[2:1] +: 2];
            4: read = mem[address[13:4]][9 * address[3] + 4 * address[2] +: 4];
            9: read = mem[address[13:4]][9 * address[3] +: 9];
            default: read = mem[address[13:4]];
        endcase
    endfunction

    always @(posedge CLKB)
        if (CEB) begin
            dob <= RSTB && RESETMODE == "SYNC" ? 18'd0
                : DATA_WIDTH_B == 36 ? mem[{{adb[13:5], 1'b1}}] : read(DATA_WIDTH_B, adb);
            if (DATA_WIDTH_B == 36)
                doa <= RSTB && RESETMODE == "SYNC" ? 18'd0 : mem[{{adb[13:5], 1'b0}}];
        end

    always @(posedge CLKA)
        if (CEA) begin
            if (DATA_WIDTH_B != 36)
                doa <= RSTA && RESETMODE == "SYNC" ? 18'd0 : read(DATA_WIDTH_A, ada);
            if (WEA)
                case (DATA_WIDTH_A)
                    1: mem[ada[13:4]][9 * ada[3] + ada[2:0]] <= dia[0];
                    2: mem[ada[13:4]][9 * ada[3] + 2 * ada[2:1] +: 2] <= dia[1:0];
                    4: mem[ada[13:4]][9 * ada[3] + 4 * ada[2] +: 4] <= dia[3:0];
                    9: mem[ada[13:4]][9 * ada[3] +: 9] <= dia[8:0];
                    18: begin
                        if (ada[0]) mem[ada[13:4]][8:0] <= dia[8:0];
                        if (ada[1]) mem[ada[13:4]][17:9] <= dia[17:9];
                    end
                    default: begin
                        if (ada[0]) mem[{{ada[13:5], 1'b0}}][8:0] <= dia[8:0];
                        if (ada[1]) mem[{{ada[13:5], 1'b0}}][17:9] <= dia[17:9];
                        if (ada[2]) mem[{{ada[13:5], 1'b1}}][8:0] <= dib[8:0];
                        if (ada[3]) mem[{{ada[13:5], 1'b1}}][17:9] <= dib[17:9];
                    end
                endcase
        end
endmodule
"""
