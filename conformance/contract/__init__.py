"""The contract of a system as frozen data: its OpenAPI document, its requirement registry and its conventions."""
