"""All that git gets to see of the environment, and how it is configured by us."""

import os
from collections.abc import Mapping

# Everything else of the caller's environment stays outside, secrets first of all.
PASSED_ON = (
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "GIT_ASKPASS",
    "GNUPGHOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)
_FIXED = {
    "LC_ALL": "C",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oConnectTimeout=10",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
}
_CONFIG = {
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    # How the user likes to read histories would change what we read.
    "diff.orderFile": os.devnull,
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showSignature": "false",
    "maintenance.auto": "false",
    "fetch.recurseSubmodules": "no",
    "push.recurseSubmodules": "no",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "http.sslVerify": "true",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "15",
}


def closed_environment(
    given: Mapping[str, str], protocols: str, extra: Mapping[str, str]
) -> dict[str, str]:
    """The environment of every git process: a few given names, ours, and our configuration.

    Configuration travels here rather than as arguments: an authorization header among it must
    not be seen in a list of processes.
    """
    passed = {name: given[name] for name in PASSED_ON if name in given}
    ours = {**_FIXED, "GIT_ALLOW_PROTOCOL": protocols}
    return {"PATH": os.defpath, **passed, **ours, **_as_variables({**_CONFIG, **extra})}


def _as_variables(config: Mapping[str, str]) -> dict[str, str]:
    variables = {"GIT_CONFIG_COUNT": str(len(config))}
    for n, (key, value) in enumerate(config.items()):
        variables |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    return variables
