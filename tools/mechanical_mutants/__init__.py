"""
Mutants that a tool makes: small changes of the reference's own source, without a person's judgement.

Part of the project's own proof, not of what is installed: it needs the development tools.
"""
