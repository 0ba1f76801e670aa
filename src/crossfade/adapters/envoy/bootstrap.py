"""What Envoy is told at its start: where its orders come from, and where traffic comes in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crossfade.domain.cohort import LARGEST_PROGRAM
from crossfade.manifests.envoy import HTTP_OPTIONS

NODE: Final = "crossfade-embedded"
ENTRANCE: Final = "entrance"
NO_RULE: Final = (
    "No traffic rule for host %REQ(:AUTHORITY)%. "
    "Deploy one in Crossfade, or send the Host header of a service that has one.\n"
)

_TYPES: Final = "type.googleapis.com/envoy"
_HTTP: Final = "extensions.filters.http"
_SOURCE: Final = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}

# Bounds (ms) finer than Envoy's own, so that a percentile between two of them is close.
LATENCY_BOUNDS_MS: Final = (
    *(1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128),
    *(160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048),
    *(2560, 3072, 3584, 4096, 5120, 6144, 8192, 10240, 12288, 16384, 20480, 24576, 32768, 65536),
    *(131072, 262144, 524288, 1048576, 3600000),
)

# Only what the metrics read is kept: 2,000 rules would otherwise cost 300 MB and a core's tenth.
_COUNTED: Final = (
    r"cluster\..*\.external\.upstream_rq_(completed|5xx|time)",
    r"cluster\..*\.upstream_rq_retry",
    r"vhost\..*\.route\..*\.upstream_rq_completed",
    r"(cluster_manager|cluster\.ads|control_plane|listener|server)\..*",
    r"http\.entrance\.(downstream_|rq_|no_route).*",
)

# Scopes compare byte by byte, host names without case.
_LOWER_CASE_HOST: Final = """
function envoy_on_request(handle)
  local host = handle:headers():get(":authority")
  if host and host:find("%u") then
    handle:headers():replace(":authority", host:lower())
    handle:clearRouteCache()
  end
end
"""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where the mesh lets traffic in."""

    address: str = "127.0.0.1"
    port: int = 8080

    @property
    def url(self) -> str:
        """Where programs on this machine send their requests."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}"


def bootstrap(ads: Path, admin: Path, entrance: Entrance, incarnation: int) -> dict[str, object]:
    """Envoy's start configuration. The incarnation tells one run of Envoy from the next."""
    return {
        "node": {"id": NODE, "cluster": NODE},
        "admin": {"address": {"pipe": {"path": str(admin), "mode": 0o600}}},
        "static_resources": {
            "clusters": [_ads_cluster(ads)],
            "listeners": [_listener(entrance)],
        },
        "dynamic_resources": {"ads_config": _ads_stream(), "cds_config": _SOURCE},
        "layered_runtime": {"layers": [_runtime()]},
        "stats_flush_on_admin": True,
        "stats_config": _statistics(),
        "stats_server_version_override": incarnation,
        "deferred_stat_options": {"enable_deferred_creation_stats": True},
    }


def _ads_cluster(socket: Path) -> dict[str, object]:
    endpoint = {"endpoint": {"address": {"pipe": {"path": str(socket)}}}}
    return {
        "name": "ads",
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": "ads",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
        "typed_extension_protocol_options": {
            HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{HTTP_OPTIONS}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
    }


def _ads_stream() -> dict[str, object]:
    """Envoy's own pauses between two tries to connect grow to 30 s."""
    pauses = {"retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"}}
    return {
        "api_type": "DELTA_GRPC",
        "transport_api_version": "V3",
        "set_node_on_first_message_only": True,
        "grpc_services": [{"envoy_grpc": {"cluster_name": "ads", "retry_policy": pauses}}],
    }


def _runtime() -> dict[str, object]:
    """Envoy's own limit of 100 instructions refuses honest patterns; ours is the rules' law."""
    limits = {"re2.max_program_size.error_level": LARGEST_PROGRAM}
    return {"name": "crossfade", "static_layer": limits}


def _statistics() -> dict[str, object]:
    bounds = {"match": {"suffix": "upstream_rq_time"}, "buckets": list(LATENCY_BOUNDS_MS)}
    patterns = [{"safe_regex": {"regex": counted}} for counted in _COUNTED]
    return {
        "stats_matcher": {"inclusion_list": {"patterns": patterns}},
        "histogram_bucket_settings": [bounds],
    }


def _listener(entrance: Entrance) -> dict[str, object]:
    socket = {"address": entrance.address, "port_value": entrance.port}
    connections = {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": _http_connections(),
    }
    return {
        "name": ENTRANCE,
        "address": {"socket_address": socket},
        # With it, a second Envoy would bind the same port and silently share the traffic.
        "enable_reuse_port": False,
        "filter_chains": [{"filters": [connections]}],
    }


def _http_connections() -> dict[str, object]:
    kind = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    return {
        "@type": f"{_TYPES}.{kind}",
        "stat_prefix": ENTRANCE,
        "strip_any_host_port": True,
        "strip_trailing_host_dot": True,
        "scoped_routes": _scopes(),
        "local_reply_config": {"mappers": [_no_rule()]},
        "http_filters": _filters(),
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "http_protocol_options": {"accept_http_10": True},  # as `ab` and old probes speak it
        "stream_idle_timeout": "0s",  # each route has its own: quiet streams may live for long
        "request_headers_timeout": "10s",
        **_callers(),
    }


def _callers() -> dict[str, object]:
    """Nobody who comes in may steer Envoy by its private headers.

    No address counts as internal, so that the internal counters hold mirrored copies alone.
    """
    nobody = {"address_prefix": "192.0.2.0", "prefix_len": 32}
    return {"use_remote_address": True, "internal_address_config": {"cidr_ranges": [nobody]}}


def _scopes() -> dict[str, object]:
    host = {"header_value_extractor": {"name": ":authority", "index": 0}}
    return {
        "name": "hosts",
        "scope_key_builder": {"fragments": [host]},
        "rds_config_source": _SOURCE,
        "scoped_rds": {"scoped_rds_config_source": _SOURCE},
    }


def _no_rule() -> dict[str, object]:
    return {
        "filter": {"response_flag_filter": {"flags": ["NR"]}},
        "body_format_override": {"text_format_source": {"inline_string": NO_RULE}},
    }


def _filters() -> Sequence[Mapping[str, object]]:
    return [
        _filter("lua", "lua.v3.Lua", default_source_code={"inline_string": _LOWER_CASE_HOST}),
        _filter("fault", "fault.v3.HTTPFault"),
        _filter("router", "router.v3.Router"),
    ]


def _filter(name: str, kind: str, **settings: object) -> Mapping[str, object]:
    config = {"@type": f"{_TYPES}.{_HTTP}.{kind}", **settings}
    return {"name": f"envoy.filters.http.{name}", "typed_config": config}
