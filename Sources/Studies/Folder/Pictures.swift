internal import Reporting
public import Statistics

/// Charts as PNG, drawn by librsvg's `rsvg-convert`, for programs that can't show SVG.
///
/// The same figure gives the same SVG everywhere; its PNG depends on the library's version and on the
/// fonts of the machine, so that it is neither described in the data package nor compared.
public struct Pictures: Sendable {
  /// How wide they are, in pixels.
  public let width: Int

  /// The width unless another is asked for: two pixels for each of a chart.
  public static let usualWidth = 1520
  /// The widths that can be asked for.
  public static let widths = 200...10_000

  /// Charts of a width.
  ///
  /// - Throws: `invalidOption` for a width that is out of range, `writeFailure` when `rsvg-convert` is not
  ///   installed: before anything is computed.
  public init(width: Int = usualWidth) throws(SiblingError) {
    guard Self.widths.contains(width) else {
      throw SiblingError(
        .invalidOption, "a PNG can't be \(width) pixels wide",
        help: "take \(Self.widths.lowerBound) to \(Self.widths.upperBound)")
    }
    self.width = width
    _ = try Self.convert(["--version"], [])
  }

  /// The PNG of an SVG.
  ///
  /// - Throws: `writeFailure` when it can't be drawn.
  func png(_ svg: [UInt8]) throws(SiblingError) -> [UInt8] {
    let bytes = try Self.convert(
      ["--format", "png", "--width", "\(width)", "--keep-aspect-ratio"], svg)
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
      throw SiblingError(.writeFailure, "'rsvg-convert' drew no PNG")
    }
    return bytes
  }

  private static func convert(
    _ arguments: [String], _ input: [UInt8]
  ) throws(SiblingError) -> [UInt8] {
    let child: ChildProcess
    do throws(SiblingError) {
      child = try ChildProcess("rsvg-convert", arguments, input: input)
    } catch {
      throw SiblingError(
        .writeFailure, "PNG needs librsvg's 'rsvg-convert', which can't be started",
        help: "install Debian's package librsvg2-bin, or use the SVG files")
    }
    guard child.status == 0 else {
      let words = String(decoding: child.errors, as: UTF8.self).split(separator: "\n").first
      throw SiblingError(
        .writeFailure, "'rsvg-convert' failed: \(words ?? "status \(child.status)")")
    }
    return child.output
  }
}
