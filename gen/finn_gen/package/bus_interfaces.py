# SPDX-License-Identifier: Apache-2.0
"""From ports to bus interfaces: the names decide, as AMBA and Vivado have them.

s_axis_*, m_axis_*      AXI4-Stream
s_axil_*, m_axil_*      AXI4-Lite
m_axi_*                 AXI4
aclk                    the clock of them all
aresetn, X_aresetn      resets, active low
interrupt, X_interrupt  interrupts, level, active high

An s_ interface is a slave, an m_ interface a master; several of a kind have a name more, as s_axil_conv0_awaddr.
X is any name. Any other port belongs to no interface.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from finn_gen.base.errors import InputError
from finn_gen.package.verilog_ports import Port

CLOCK = "aclk"
_BUS = re.compile(r"((?:([sm])_(axis|axil|axi))(?:_\w+)?)_([a-z]+)")
_RESET = re.compile(r"(?:\w+_)?aresetn")
_INTERRUPT = re.compile(r"(?:\w+_)?interrupt")

# Signals by who drives them, and their width where AMBA fixes it (None: any).
_STREAM = {"tdata": ("m", None), "tvalid": ("m", 1), "tready": ("s", 1), "tlast": ("m", 1)}
_STREAM_NEEDS = ("tdata", "tvalid")
_LITE = {
    "awaddr": ("m", None), "awprot": ("m", 3), "awvalid": ("m", 1), "awready": ("s", 1),
    "wdata": ("m", None), "wstrb": ("m", None), "wvalid": ("m", 1), "wready": ("s", 1),
    "bresp": ("s", 2), "bvalid": ("s", 1), "bready": ("m", 1),
    "araddr": ("m", None), "arprot": ("m", 3), "arvalid": ("m", 1), "arready": ("s", 1),
    "rdata": ("s", None), "rresp": ("s", 2), "rvalid": ("s", 1), "rready": ("m", 1),
}  # fmt: skip
_FULL = _LITE | {
    "awid": ("m", None), "awlen": ("m", 8), "awsize": ("m", 3), "awburst": ("m", 2), "awlock": ("m", 1),
    "awcache": ("m", 4), "awqos": ("m", 4), "wlast": ("m", 1), "bid": ("s", None),
    "arid": ("m", None), "arlen": ("m", 8), "arsize": ("m", 3), "arburst": ("m", 2), "arlock": ("m", 1),
    "arcache": ("m", 4), "arqos": ("m", 4), "rid": ("s", None), "rlast": ("s", 1),
}  # fmt: skip
_OPTIONAL = frozenset(
    f"{channel}{signal}" for channel in ("aw", "ar") for signal in ("prot", "lock", "cache", "qos", "id")
) | {"bid", "rid"}
_SIGNALS = {"axis": _STREAM, "axil": _LITE, "axi": _FULL}
_NEEDS = {kind: tuple(name for name in _SIGNALS[kind] if name not in _OPTIONAL) for kind in ("axil", "axi")}


@dataclass(frozen=True)
class Interface:
    """A bus interface of type xilinx.com:`library`:`bus`:1.0. `mode` is master or slave.

    `ports` are (logical, physical) names. `parameters` are those that Vivado knows for this bus, by its names.
    """

    name: str
    library: str
    bus: str
    mode: str
    ports: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...] = ()

    def parameter(self, name: str) -> str:
        """The value of the parameter `name`."""
        return dict(self.parameters)[name]


def interfaces(ports: Sequence[Port], further: Mapping[str, Mapping[str, int]] | None = None) -> tuple[Interface, ...]:
    """The bus interfaces of `ports`: streams and memory-mapped ones, then interrupts, resets and the clock.

    `further` has parameters that no port shows, such as MAX_BURST_LENGTH, by interface and name; they replace those
    derived. InputError if ports with such names do not make a whole interface.
    """
    grouped: dict[str, dict[str, Port]] = {}
    kinds: dict[str, tuple[str, str]] = {}
    for port in ports:
        match = _BUS.fullmatch(port.name)
        if match:
            grouped.setdefault(match[1], {})[match[4]] = port
            kinds[match[1]] = match[2], match[3]
        elif re.match(r"[sm]_axi", port.name):
            raise InputError(f"port {port.name}: a name that starts so must go on as s_axis_tdata, m_axil_dma_awaddr")
    buses = [_bus(name, *kinds[name], signals) for name, signals in grouped.items()]
    further = further or {}
    for name in further:
        if name not in grouped:
            raise InputError(f"parameters for the interface {name!r}: there is none; legal are {', '.join(grouped)}")
    buses = [_extended(bus, further.get(bus.name, {})) for bus in buses]
    return (*buses, *_signals(ports, buses))


def _bus(name: str, side: str, kind: str, signals: Mapping[str, Port]) -> Interface:
    table = _SIGNALS[kind]
    for signal, port in signals.items():
        if signal not in table:
            raise InputError(f"port {port.name}: {kind.upper()} has no signal {signal}; legal are {', '.join(table)}")
        driver, width = table[signal]
        wanted = "out" if driver == side else "in"
        if port.direction != wanted:
            raise InputError(f"port {port.name}: it is an {port.direction}put, but of {name} it must be an {wanted}put")
        if width not in (None, port.width):
            raise InputError(f"port {port.name}: it has {port.width} bits, but {signal} has {width}")
    needs = _STREAM_NEEDS if kind == "axis" else _NEEDS[kind]
    missing = [signal for signal in needs if signal not in signals]
    if missing:
        raise InputError(f"interface {name}: {', '.join(f'{name}_{signal}' for signal in missing)} missing")
    parameters = _stream_parameters(name, signals) if kind == "axis" else _memory_parameters(name, kind, signals)
    return Interface(
        name=name,
        library="interface",
        bus="axis" if kind == "axis" else "aximm",
        mode="master" if side == "m" else "slave",
        ports=tuple((signal.upper(), port.name) for signal, port in signals.items()),
        parameters=tuple((key, str(value)) for key, value in parameters.items()),
    )


def _stream_parameters(name: str, signals: Mapping[str, Port]) -> dict[str, object]:
    width = signals["tdata"].width
    if width % 8:
        raise InputError(f"port {name}_tdata: it has {width} bits, but must have a whole number of bytes")
    return {
        "TDATA_NUM_BYTES": width // 8,
        "TDEST_WIDTH": 0,
        "TID_WIDTH": 0,
        "TUSER_WIDTH": 0,
        "HAS_TREADY": int("tready" in signals),
        "HAS_TSTRB": 0,
        "HAS_TKEEP": 0,
        "HAS_TLAST": int("tlast" in signals),
    }


def _memory_parameters(name: str, kind: str, signals: Mapping[str, Port]) -> dict[str, object]:
    data, address = signals["wdata"].width, signals["awaddr"].width
    if data not in ((32, 64) if kind == "axil" else (32, 64, 128, 256, 512, 1024)):
        raise InputError(f"port {name}_wdata: it has {data} bits, which AXI has not")
    same = [("rdata", data), ("wstrb", data // 8), ("araddr", address)]
    identifiers = [signal for signal in ("awid", "bid", "arid", "rid") if signal in signals]
    if identifiers:
        same += [(signal, signals[identifiers[0]].width) for signal in identifiers]
    for signal, width in same:
        if signals[signal].width != width:
            raise InputError(f"port {name}_{signal}: it has {signals[signal].width} bits, but must have {width}")
    if len(identifiers) not in (0, 4):
        raise InputError(f"interface {name}: awid, bid, arid and rid must all be there or none")
    full = kind == "axi"
    parameters = {
        "PROTOCOL": "AXI4" if full else "AXI4LITE",
        "DATA_WIDTH": data,
        "ADDR_WIDTH": address,
        "ID_WIDTH": signals["awid"].width if identifiers else 0,
        "READ_WRITE_MODE": "READ_WRITE",
        "HAS_BURST": int(full),
        "HAS_LOCK": int("awlock" in signals),
        "HAS_PROT": int("awprot" in signals),
        "HAS_CACHE": int("awcache" in signals),
        "HAS_QOS": int("awqos" in signals),
        "HAS_REGION": 0,
        "HAS_WSTRB": 1,
        "HAS_BRESP": 1,
        "HAS_RRESP": 1,
        "SUPPORTS_NARROW_BURST": 0,
    }
    return parameters if full else parameters | {"MAX_BURST_LENGTH": 1}


def _extended(bus: Interface, further: Mapping[str, int]) -> Interface:
    for name, value in further.items():
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name) or not isinstance(value, int):
            raise InputError(f"interface {bus.name}: {name}={value!r}: a name has capitals, a value is a whole number")
    return replace(bus, parameters=tuple({**dict(bus.parameters), **{k: str(v) for k, v in further.items()}}.items()))


def _signals(ports: Sequence[Port], buses: Sequence[Interface]) -> list[Interface]:
    """The interfaces of a single signal: interrupts, resets, and the clock, which knows all buses and resets."""
    found: list[Interface] = []
    resets: list[str] = []
    clocked = False
    for port in ports:
        mode = "slave" if port.direction == "in" else "master"
        named = port.name == CLOCK or _INTERRUPT.fullmatch(port.name) or _RESET.fullmatch(port.name)
        if named and (port.vector or (port.name == CLOCK and mode == "master")):
            raise InputError(
                f"port {port.name}: by its name it must be a single {'input' if port.name == CLOCK else 'bit'}"
            )
        if _INTERRUPT.fullmatch(port.name):
            sensitivity = (("SENSITIVITY", "LEVEL_HIGH"),)
            found.append(Interface(port.name, "signal", "interrupt", mode, (("INTERRUPT", port.name),), sensitivity))
        elif _RESET.fullmatch(port.name):
            polarity = (("POLARITY", "ACTIVE_LOW"),)
            found.append(Interface(port.name, "signal", "reset", mode, (("RST", port.name),), polarity))
            resets.append(port.name)
        clocked |= port.name == CLOCK
    if not clocked:
        raise InputError(f"there is no port {CLOCK}, the clock of all interfaces")
    parameters = [("ASSOCIATED_BUSIF", ":".join(bus.name for bus in buses)), ("ASSOCIATED_RESET", ":".join(resets))]
    kept = tuple((name, value) for name, value in parameters if value)
    return [*found, Interface(CLOCK, "signal", "clock", "slave", (("CLK", CLOCK),), kept)]
