"""An implementation of the MiniMax music API that conforms to its documents; `conformance serve` is a sandbox of it."""
