"""The embedded mesh: a real Envoy of our own, fed over a private socket and read over another."""

import os

# Read by gRPC when it is imported. With it on, gRPC complains on our terminal whenever we start a
# program; none of those uses gRPC, so it has nothing to look after.
os.putenv("GRPC_ENABLE_FORK_SUPPORT", "0")
