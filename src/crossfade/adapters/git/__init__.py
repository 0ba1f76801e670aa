"""The authoritative GitOps repository, by the git command line on a bare repository."""
