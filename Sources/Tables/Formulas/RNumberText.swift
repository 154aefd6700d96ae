internal import Glibc

/// A number as R's `as.character` and `deparse` write it: up to fifteen significant digits, in
/// fixed or scientific notation, whichever is shorter.
func numberText(_ value: Double) -> String {
  if value.isNaN { return "NA" }
  if value.isInfinite { return value < 0 ? "-Inf" : "Inf" }
  if value == 0 { return "0" }
  if value.magnitude < 100_000, value == value.rounded() { return String(Int(value)) }
  // The fewest digits that agree with fifteen.
  let target = formatted("%.*e", 14, value)
  let reference = Double(target)
  var digits = 15
  while digits > 1, Double(formatted("%.*e", digits - 2, value)) == reference { digits -= 1 }
  let scientific = formatted("%.*e", digits - 1, value)
  let exponent = scientific.split(separator: "e").last.flatMap { Int($0) } ?? 0
  let fixed = formatted("%.*f", max(0, digits - 1 - exponent), value)
  return fixed.utf8.count <= scientific.utf8.count ? fixed : scientific
}

private func formatted(_ format: String, _ precision: Int, _ value: Double) -> String {
  var buffer = [CChar](repeating: 0, count: 400)
  let arguments: [any CVarArg] = [Int32(truncatingIfNeeded: precision), value]
  let written = withVaList(arguments) { vsnprintf(&buffer, buffer.count, format, $0) }
  let bytes = buffer.prefix(Int(max(0, written))).map { UInt8(bitPattern: $0) }
  return String(decoding: bytes, as: UTF8.self)
}
