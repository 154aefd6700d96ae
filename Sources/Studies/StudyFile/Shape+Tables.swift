// The tables of the schema in the study file, with what their columns and values are called.

internal import Cohorts

extension Shape {
  /// The section `tables` under `data`: a mapping for each table of the schema.
  static let cohortTables = Shape.fields(
    "tables", Schema.tables.map { Field($0.name, table($0), $0.summary) })

  /// The options that are handed to the reader of a table's file.
  static let tableReading: [OptionKey] = [.types, .dateFormat, .missingWords, .separator]

  private static func table(_ schema: SchemaTable) -> Shape {
    let columns = schema.fields.flatMap { field in
      [Field(field.name, .scalar(.text), "\(field.help) (\(field.kindWords))")]
        + (field.reasonName.map {
          [Field($0, .scalar(.text), "Why '\(field.name)' is missing.")]
        } ?? [])
    }
    return .fields(
      schema.name,
      [
        Field("file", .scalar(.text), "File, relative to the study file; or else 'source'."),
        Field("source", .scalar(.text), "Table, view or file in the engine that 'data' names."),
        Field(
          "columns", .fields("columns of \(schema.name)", columns),
          "What columns are called in the file: {client_id: ClientRef}."),
        Field(
          "recode", .dictionary,
          "What values of a column mean: {education: {gcse: l1_2}}; '' means missing."),
        Field(OptionKey.derive),
      ] + tableReading.map { Field($0) })
  }
}
