"""The contracts that ship; known to driftcheck by their entry points alone, like anyone's."""
