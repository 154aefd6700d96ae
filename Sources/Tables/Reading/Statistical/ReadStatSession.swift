internal import CReadStat
internal import Glibc
internal import Statistics

/// Bytes in memory in the place of a file.
struct ReadStatBytes {
  let base: UnsafePointer<UInt8>
  let count: Int
  var position = 0
}

/// One reading of a file by ReadStat, which calls back for every piece it finds.
struct ReadStatSession {
  /// What the callbacks get to see.
  private struct Context {
    var cells: StatisticalCells
    let log: StatisticalLog
    let size: Int

    /// A text of the file's descriptions; the reading ends at one that is not UTF-8.
    func text(_ pointer: UnsafePointer<CChar>?) -> String? {
      guard let pointer else { return "" }
      return log.checked(
        UnsafeBufferPointer(
          start: UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self),
          count: strlen(pointer)))
    }
  }

  private typealias Bytes = ReadStatBytes

  /// Reads all of a source.
  ///
  /// With `raw` texts come as the file holds them, else turned into UTF-8 from what the file declares
  /// or, where it declares nothing, from Windows-1252.
  /// The cells' memory belongs to `body`, which must take what it needs before it returns.
  static func read<Result>(
    _ source: ByteSource, _ kind: StatisticalKind, raw: Bool,
    _ body: (readstat_error_t, inout StatisticalCells) throws(SiblingError) -> Result
  ) throws(SiblingError) -> Result {
    guard let parser = readstat_parser_init() else {
      throw SiblingError(.internalError, "there is no memory for reading the file")
    }
    defer { readstat_parser_free(parser) }
    let log = StatisticalLog()
    let bytes = UnsafeMutablePointer<Bytes>.allocate(capacity: 1)
    bytes.initialize(to: Bytes(base: source.base, count: source.count))
    let context = UnsafeMutablePointer<Context>.allocate(capacity: 1)
    context.initialize(
      to: Context(
        cells: StatisticalCells(log, bytes: bytes), log: log, size: source.count))
    defer {
      context.pointee.cells.free()
      context.deinitialize(count: 1)
      context.deallocate()
      bytes.deallocate()
    }
    open(parser, bytes)
    handle(parser)
    if raw { readstat_set_handler_character_encoding(parser, nil) }
    let outcome =
      switch kind {
      case .stata: readstat_parse_dta(parser, "data", context)
      case .spss: readstat_parse_sav(parser, "data", context)
      case .spssPortable: readstat_parse_por(parser, "data", context)
      }
    return try withExtendedLifetime(source) { () throws(SiblingError) in
      try body(outcome, &context.pointee.cells)
    }
  }

  private static func open(
    _ parser: UnsafeMutablePointer<readstat_parser_t>, _ bytes: UnsafeMutablePointer<Bytes>
  ) {
    readstat_set_io_ctx(parser, bytes)
    readstat_set_open_handler(parser) { _, _ in 0 }
    readstat_set_close_handler(parser) { _ in 0 }
    readstat_set_update_handler(parser) { _, _, _, _ in READSTAT_OK }
    readstat_set_seek_handler(parser) { offset, whence, context in
      guard let bytes = context?.assumingMemoryBound(to: Bytes.self) else { return -1 }
      let start =
        switch whence {
        case READSTAT_SEEK_SET: 0
        case READSTAT_SEEK_CUR: bytes.pointee.position
        default: bytes.pointee.count
        }
      let (place, overflow) = start.addingReportingOverflow(Int(offset))
      guard !overflow, place >= 0, place <= bytes.pointee.count else { return -1 }
      bytes.pointee.position = place
      return readstat_off_t(place)
    }
    readstat_set_read_handler(parser) { buffer, wanted, context in
      guard let buffer, let bytes = context?.assumingMemoryBound(to: Bytes.self) else {
        return -1
      }
      let count = min(Int(clamping: wanted), bytes.pointee.count - bytes.pointee.position)
      guard count > 0 else { return 0 }
      memcpy(buffer, bytes.pointee.base + bytes.pointee.position, count)
      bytes.pointee.position += count
      return count
    }
  }

  private static func handle(_ parser: UnsafeMutablePointer<readstat_parser_t>) {
    readstat_set_metadata_handler(parser) { metadata, context in
      guard let metadata, let context = ReadStatSession.context(context) else { return 1 }
      let log = context.pointee.log
      let rows = Int(metadata.pointee.row_count)
      log.announced = rows < 0 ? nil : rows
      log.version = Int(metadata.pointee.file_format_version)
      log.encoding = metadata.pointee.file_encoding.map { String(cString: $0) } ?? ""
      // A damaged file may announce anything; memory is taken for no more than it can hold.
      let columns = max(1, Int(clamping: metadata.pointee.var_count))
      context.pointee.cells.expectedRows = min(max(rows, 16), context.pointee.size / columns + 16)
      return 0
    }
    readstat_set_variable_handler(parser) { _, variable, labels, context in
      guard let variable, let context = ReadStatSession.context(context) else { return 1 }
      let type = readstat_variable_get_type(variable)
      let isText = readstat_type_class(type) == READSTAT_TYPE_CLASS_STRING
      guard let name = context.pointee.text(readstat_variable_get_name(variable)),
        let label = context.pointee.text(readstat_variable_get_label(variable)),
        let format = context.pointee.text(readstat_variable_get_format(variable)),
        let labelSet = context.pointee.text(labels)
      else { return 1 }
      context.pointee.log.variables.append(
        StatisticalVariable(
          name: name, label: label, format: format, isText: isText,
          isStoredWhole: type != READSTAT_TYPE_DOUBLE && type != READSTAT_TYPE_FLOAT,
          labelSet: labelSet))
      context.pointee.cells.add(
        isText: isText,
        hasMissingRanges: readstat_variable_get_missing_ranges_count(variable) > 0)
      return 0
    }
    readstat_set_value_handler(parser) { row, variable, value, context in
      guard let variable, let context = ReadStatSession.context(context) else { return 1 }
      return context.pointee.cells.take(Int(row), variable, value) ? 0 : 1
    }
    readstat_set_value_label_handler(parser) { set, value, label, context in
      guard let context = ReadStatSession.context(context), let set = context.pointee.text(set),
        let label = context.pointee.text(label)
      else { return 1 }
      let code: ValueLabel.Value
      if readstat_value_type_class(value) == READSTAT_TYPE_CLASS_STRING {
        guard let text = context.pointee.text(readstat_string_value(value)) else { return 1 }
        code = .text(text)
      } else if readstat_value_is_tagged_missing(value) != 0 {
        code = .missing(
          Character(UnicodeScalar(UInt8(bitPattern: readstat_value_tag(value)))))
      } else {
        code = .number(readstat_double_value(value))
      }
      context.pointee.log.labels[set, default: []].append(ValueLabel(value: code, label: label))
      return 0
    }
    readstat_set_fweight_handler(parser) { variable, context in
      guard let variable, let context = ReadStatSession.context(context) else { return 1 }
      context.pointee.log.weight = context.pointee.text(readstat_variable_get_name(variable))
      return 0
    }
    readstat_set_error_handler(parser) { message, context in
      guard let message, let context = ReadStatSession.context(context) else { return }
      context.pointee.log.message = String(cString: message)
    }
  }

  private static func context(
    _ pointer: UnsafeMutableRawPointer?
  ) -> UnsafeMutablePointer<Context>? {
    pointer?.assumingMemoryBound(to: Context.self)
  }
}
