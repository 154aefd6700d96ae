internal import Glibc
internal import Statistics

/// What is recorded of a person at referral; categories are places in the schema's lists.
struct SimulatedPerson: Sendable {
  var age: Int16 = 0
  var sex: Int8 = 0
  var ethnicity: Int8 = 0
  var education: Int8 = 0
  var diagnosis: Int8 = 0
  /// Missing (−1) for those who never worked.
  var monthsWithoutWork: Int16 = -1
  var hasEverWorked = true
  var employment: Int8 = 0
  var benefit: Int8 = 0
  var housing: Int8 = 0
  var usesSubstances = false
  var hasOffended = false
  var motivation: Int8 = 0
  var source: Int8 = 0
  var deprivation: Int8 = 0

  static let sexes = ["female", "male"]
  static let ethnicities = ["asian", "black", "mixed", "white", "other"]
  static let educations = ["none", "l1_2", "l3", "l4plus"]
  static let diagnoses = [
    "psychosis", "bipolar", "depression_anxiety", "personality", "ld", "autism", "addiction",
    "other",
  ]
  static let employments = ["no", "sick_leave", "job_at_risk", "seeking_change"]
  static let benefits = ["uc", "esa", "pip", "none", "other"]
  static let housings = ["settled", "temporary", "none"]
  static let sources = ["cmht", "early_intervention", "primary_care", "self", "other"]
}

extension SimulatedPerson {
  /// A person: one latent readiness makes the covariates go together; it has no effect of its own.
  init(_ stream: inout RandomStream, isLearningDisability: Bool, deprivation site: Int) {
    let ready = stream.normal()
    age = Int16(min(max((37 + 11 * stream.normal()).rounded(), 18), 64))
    sex = stream.uniform() < 0.46 ? 0 : 1
    ethnicity = Self.pick(stream.uniform(), [0.12, 0.17, 0.05, 0.6, 0.06])
    let schooling = 0.5 * ready + 0.866 * stream.normal()
    education = Self.band(schooling, [-0.77, 0.31, 0.92])
    let illness = stream.uniform()
    if isLearningDisability {
      diagnosis = illness < 0.8 ? 4 : 5
    } else {
      let shift = 0.05 * ready
      diagnosis = Self.pick(
        illness, [0.42 - shift, 0.16, 0.25 + shift, 0.11, 0, 0.01, 0.02, 0.03])
    }
    let neverLogit = -2.1 - 0.6 * ready + (age < 25 ? 0.8 : 0)
    hasEverWorked = stream.uniform() >= Self.logistic(neverLogit)
    let months = exp(3 - 0.4 * ready + 0.9 * stream.normal()).rounded()
    if hasEverWorked {
      monthsWithoutWork = Int16(min(max(months, 1), max(1, (Double(age) - 16) * 12), 360))
    }
    employment = Self.pick(stream.uniform(), [0.94, 0.025, 0.025, 0.01])
    benefit = Self.pick(
      stream.uniform(), [0.36, 0.32 - 0.06 * max(-2, min(2, ready)), 0.1, 0.16, 0.06])
    housing = Self.band(-0.4 * ready + 0.917 * stream.normal(), [0.92, 1.55])
    usesSubstances = stream.uniform() < Self.logistic(-1.5 - 0.5 * ready)
    hasOffended = stream.uniform() < Self.logistic(-2.1 - 0.4 * ready + (usesSubstances ? 0.8 : 0))
    motivation = 1 + Self.band(0.4 * ready + 0.917 * stream.normal(), [-1.41, -0.67, 0.25, 1.13])
    source = Self.pick(stream.uniform(), [0.55, 0.12, 0.15, 0.12, 0.06])
    deprivation = Int8(min(max((Double(site) + 1.8 * stream.normal()).rounded(), 1), 10))
    if employment > 0 {
      hasEverWorked = true
      monthsWithoutWork = 0
    }
  }

  /// The index of nearness to work on which services can select: a part of the log hazard.
  var index: Double {
    typealias Model = SimulationModel
    return Model.motivation * Double(motivation - 3) + (hasEverWorked ? 0 : Model.neverWorked)
      + Model.ageYear * Double(age - 40) + (usesSubstances ? Model.substance : 0)
      + Model.education[Int(education)] + Model.housing[Int(housing)]
      + Model.diagnosis[Int(diagnosis)] + Model.benefit[Int(benefit)]
  }

  /// All of the covariates' part of the log hazard.
  var logHazard: Double {
    let years = monthsWithoutWork < 0 ? 0 : min(10, Double(monthsWithoutWork) / 12)
    return index + SimulationModel.yearWithoutWork * years
  }

  /// Mean and standard deviation of the index, and the mean of the log hazard, among people at large.
  static let atLarge: (mean: Double, deviation: Double, logHazard: Double) = {
    let base = RandomStream(seed: 0, name: "simulated-people-at-large")
    let count = 20_000
    var (sum, squares, hazards) = (0.0, 0.0, 0.0)
    for number in 0..<count {
      var stream = base.substream(UInt64(number))
      let person = SimulatedPerson(&stream, isLearningDisability: false, deprivation: 5)
      sum += person.index
      squares += person.index * person.index
      hazards += person.logHazard
    }
    let mean = sum / Double(count)
    return (mean, (squares / Double(count) - mean * mean).squareRoot(), hazards / Double(count))
  }()

  static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// The place that a uniform draw falls in, by probabilities; what is left over is the last.
  private static func pick(_ draw: Double, _ probabilities: [Double]) -> Int8 {
    var sum = 0.0
    for (place, probability) in probabilities.enumerated() {
      sum += probability
      if draw < sum { return Int8(place) }
    }
    return Int8(probabilities.count - 1)
  }

  private static func band(_ value: Double, _ cuts: [Double]) -> Int8 {
    var place = 0
    while place < cuts.count, value >= cuts[place] { place += 1 }
    return Int8(place)
  }
}
