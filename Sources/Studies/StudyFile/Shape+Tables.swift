// The tables of the schema in the study file, with what their columns and values are called.

extension Shape {
  static let cohortTables = Shape.fields(
    "tables",
    ["clients", "sites", "jobs"].map { name in
      Field(
        name,
        .fields(
          name, [Field("file", .scalar(.text), required: true, "File, relative to the study file.")]
        ),
        "The table '\(name)' of the schema.")
    })
}
