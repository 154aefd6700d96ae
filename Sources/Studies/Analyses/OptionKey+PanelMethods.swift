/// Options of the other panel estimators, of `bacon` and of `triple-difference`.
extension OptionKey {
  /// Those that `did` takes besides.
  static let panelMethods: [OptionKey] = []
}
