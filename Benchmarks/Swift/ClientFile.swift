internal import Glibc
internal import Statistics

/// Made-up clients of supported-employment services, the same for a seed on every machine.
///
/// Forty sites, fifteen design columns, a treatment that depends on them, weeks in a job of which
/// about a hundred differ, with events and censoring. Numbers are written with few decimals, so
/// that both sides of a comparison read the same doubles.
struct ClientFile {
  var rows: Int
  var seed: UInt64

  static let covariates = [
    "age", "months_out", "motivation", "imd", "readiness", "female", "eth_asian", "eth_black",
    "eth_mixed", "eth_other", "edu_level12", "edu_level3", "edu_level4", "psychosis", "benefit",
  ]
  static let coxCovariates = [
    "sib", "age", "months_out", "motivation", "imd", "readiness", "female", "eth_asian",
    "eth_black", "psychosis",
  ]

  func write(to path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    var draw = Draws(stream: RandomStream(seed: seed, name: "clients"))
    var line = "client_id,site,sib,weeks,ended," + Self.covariates.joined(separator: ",") + "\n"
    var complete = fputs(line, file) >= 0
    for row in 1...rows {
      line = client(row, &draw)
      complete = fputs(line, file) >= 0 && complete
    }
    return fclose(file) == 0 && complete
  }

  private func client(_ row: Int, _ draw: inout Draws) -> String {
    let site = Int(draw.uniform() * 40)
    let age = 18 + Int(draw.uniform() * 47)
    let months = Int(-120 * log(1 - draw.uniform()) * 0.999)
    let motivation = 1 + Int(draw.uniform() * 5)
    let imd = 1 + Int(draw.uniform() * 10)
    let readiness = Int((draw.normal() * 10_000).rounded())
    let female = draw.chance(0.42)
    let ethnicity = draw.choice([0.62, 0.14, 0.14, 0.05, 0.05])
    let education = draw.choice([0.3, 0.35, 0.2, 0.15])
    let psychosis = draw.chance(0.45)
    let benefit = draw.chance(0.8)

    let z = Double(readiness) / 10_000
    let years = Double(age - 40) / 10
    let away = Double(months) / 120
    var treated: Double = -1.3 + 0.25 * z - 0.1 * years - 0.15 * away
    treated += 0.1 * Double(motivation - 3) + 0.2 * Double(female) + 0.15 * Double(psychosis)
    if ethnicity == 2 { treated += 0.3 }
    let sib = draw.chance(1 / (1 + exp(-treated)))
    var hazard: Double = -4.2 - 0.15 * Double(sib) - 0.1 * z + 0.05 * years + 0.1 * away
    hazard += 0.08 * Double(psychosis) - 0.04 * Double(motivation - 3)
    let job = 1 + Int(min(-log(1 - draw.uniform()) / exp(hazard), 10_000))
    let followUp = 26 + Int(draw.uniform() * 79)

    var text = "\(row),S\(site / 10)\(site % 10),\(sib),\(min(job, followUp)),"
    text += "\(job <= followUp ? 1 : 0),\(age),\(months / 10).\(months % 10),\(motivation),\(imd),"
    text += decimal(readiness) + ",\(female)"
    for level in 1...4 { text += ethnicity == level ? ",1" : ",0" }
    for level in 1...3 { text += education == level ? ",1" : ",0" }
    return text + ",\(psychosis),\(benefit)\n"
  }

  /// Ten-thousandths as a decimal.
  private func decimal(_ value: Int) -> String {
    let digits = String(10_000 + Int(value.magnitude) % 10_000).dropFirst()
    return "\(value < 0 ? "-" : "")\(value.magnitude / 10_000).\(digits)"
  }
}

/// Draws from a stream.
struct Draws {
  var stream: RandomStream

  mutating func uniform() -> Double { Double(stream.next() >> 11) * 0x1p-53 }

  mutating func chance(_ probability: Double) -> Int { uniform() < probability ? 1 : 0 }

  mutating func normal() -> Double { Normal.standard.quantile(max(uniform(), 1e-300)) }

  mutating func choice(_ shares: [Double]) -> Int {
    var left = uniform()
    for (index, share) in shares.enumerated() {
      left -= share
      if left < 0 { return index }
    }
    return shares.count - 1
  }
}
