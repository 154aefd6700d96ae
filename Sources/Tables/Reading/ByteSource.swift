internal import Glibc
internal import Statistics

/// The bytes of a file, followed by at least 64 zero bytes.
///
/// The zeros are a sentinel: parsers look for the end of a field without checking for the end of
/// the file, and may load whole words. Regular files are mapped, everything else is read.
final class ByteSource: @unchecked Sendable {
  let base: UnsafePointer<UInt8>
  let count: Int
  private let mapping: (address: UnsafeMutableRawPointer, length: Int)?

  static let padding = 64

  init(_ bytes: [UInt8]) {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + Self.padding)
    memory.update(repeating: 0, count: bytes.count + Self.padding)
    bytes.withUnsafeBufferPointer { bytes in
      if let source = bytes.baseAddress { memory.update(from: source, count: bytes.count) }
    }
    base = UnsafePointer(memory)
    count = bytes.count
    mapping = nil
  }

  private init(address: UnsafeMutableRawPointer, length: Int, count: Int) {
    base = UnsafePointer(address.assumingMemoryBound(to: UInt8.self))
    self.count = count
    mapping = (address, length)
  }

  deinit {
    if let mapping {
      munmap(mapping.address, mapping.length)
    } else {
      UnsafeMutablePointer(mutating: base).deallocate()
    }
  }

  /// The bytes from `start` up to `end`.
  func bytes(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + start, count: max(0, end - start))
  }

  /// Gives the mapped pages back; they return when a place in the file has to be looked up.
  func release() {
    if let mapping { madvise(mapping.address, mapping.length, MADV_DONTNEED) }
  }

  /// Opens a file; `-` is standard input.
  static func open(_ path: String) throws(SiblingError) -> ByteSource {
    let file = SiblingError.Location(file: path)
    if path == "-" { return ByteSource(try readAll(STDIN_FILENO, file)) }
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(file, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(file, errno) }
    if status.st_mode & S_IFMT == S_IFDIR { throw unreadable(file, EISDIR) }
    let size = Int(status.st_size)
    guard status.st_mode & S_IFMT == S_IFREG, size > 0 else {
      return ByteSource(try readAll(descriptor, file))
    }
    if let mapped = map(descriptor, size) { return mapped }
    return ByteSource(try readAll(descriptor, file))
  }

  /// Maps a file in front of a page of zeros; nil where the file system cannot map.
  private static func map(_ descriptor: Int32, _ size: Int) -> ByteSource? {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let length = (size + page - 1) / page * page + page
    let failed = UnsafeMutableRawPointer(bitPattern: -1)
    let anonymous = mmap(nil, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let anonymous, anonymous != failed else { return nil }
    let mapped = mmap(anonymous, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0)
    guard let mapped, mapped != failed else {
      munmap(anonymous, length)
      return nil
    }
    madvise(mapped, size, MADV_WILLNEED)
    return ByteSource(address: mapped, length: length, count: size)
  }

  private static func readAll(
    _ descriptor: Int32, _ file: SiblingError.Location
  ) throws(SiblingError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if got == 0 { return bytes }
      if got < 0 {
        if errno == EINTR { continue }
        throw unreadable(file, errno)
      }
      bytes.append(contentsOf: buffer[0..<got])
    }
  }

  private static func unreadable(_ file: SiblingError.Location, _ number: Int32) -> SiblingError {
    let help =
      switch number {
      case ENOENT: "check the path"
      case EACCES: "ask for the right to read it"
      case EISDIR: "give a file in that folder"
      default: nil as String?
      }
    return SiblingError(
      .unreadableFile, "the file cannot be read: \(String(cString: strerror(number)))",
      help: help, location: file)
  }
}
