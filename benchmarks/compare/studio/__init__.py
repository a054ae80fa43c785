"""The studio of the project's tests as a subject of the comparison, with what each tool has to be told of it."""
