"""The contracts that ship. driftcheck finds them by their entry points, like all other contracts."""
