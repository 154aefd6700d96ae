public import Statistics

extension ReportFolder {
  /// Makes another picture of an SVG, such as a PNG.
  public typealias Drawing = @Sendable (_ svg: [UInt8]) throws(SiblingError) -> [UInt8]

  /// Adds a PNG beside every SVG of a report that was written earlier; the folder changes whole or
  /// not at all.
  ///
  /// What is drawn has been released already, so that nothing new is shown.
  /// - Parameters:
  ///   - path: the report's folder.
  ///   - files: what is in it, by path below it.
  ///   - draw: makes a PNG of an SVG.
  /// - Returns: how many pictures there are.
  /// - Throws: `writeFailure`, and what `draw` throws.
  public static func addPictures(
    to path: String, files: [(path: String, bytes: [UInt8])], draw: Drawing
  ) throws(SiblingError) -> Int {
    let drawn = try pictures(of: files, draw)
    let names = Set(drawn.map(\.path))
    try FolderSwap.replace(path, with: files.filter { !names.contains($0.path) } + drawn)
    return drawn.count
  }

  /// The PNG of every SVG among files, beside it.
  static func pictures(
    of files: [(path: String, bytes: [UInt8])], _ draw: Drawing
  ) throws(SiblingError) -> [(path: String, bytes: [UInt8])] {
    var drawn: [(path: String, bytes: [UInt8])] = []
    for file in files where file.path.hasPrefix("figures/") && file.path.hasSuffix(".svg") {
      drawn.append((file.path.dropLast(4) + ".png", try draw(file.bytes)))
    }
    return drawn
  }
}
