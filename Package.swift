// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house, floor by floor. A room imports only rooms below it, and says here which.
// The map with its reasons stands in CONTRIBUTING.md.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A room: one library target that may import only what it names.
func room(_ name: String, _ below: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: below, exclude: ["README.md"], swiftSettings: strict)
}

/// The tests of a room, which see it, TestSupport and whatever else they name.
func tests(_ name: String, _ others: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + others,
    swiftSettings: strict)
}

let methods: [Target.Dependency] = [
  "Matching", "DifferenceInDifferences", "Survival", "Contracts",
]

let engines: [Target.Dependency] = ["DuckDBEngine", "PostgreSQLEngine", "SparkEngine"]

let package = Package(
  name: "Sibling",
  products: [
    .executable(name: "sibling", targets: ["sibling"]),
    .library(name: "LinearAlgebra", targets: ["LinearAlgebra"]),
    .library(name: "Statistics", targets: ["Statistics"]),
    .library(name: "Tables", targets: ["Tables"]),
    .library(name: "Matching", targets: ["Matching"]),
    .library(name: "DifferenceInDifferences", targets: ["DifferenceInDifferences"]),
    .library(name: "Survival", targets: ["Survival"]),
    .library(name: "Contracts", targets: ["Contracts"]),
    .library(name: "Cohorts", targets: ["Cohorts"]),
    .library(name: "Engines", targets: ["Engines"]),
    .library(name: "Reporting", targets: ["Reporting"]),
    .library(name: "Studies", targets: ["Studies"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // ground: C faces of well-kept libraries; LinearAlgebra is the first two's only importer, Tables the third's
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CLAPACKE", providers: [.apt(["liblapacke-dev"])]),
    .systemLibrary(name: "CReadStat", providers: [.apt(["libreadstat-dev"])]),
    // and of libraries that are opened when they are used; one importer each
    .target(name: "CPostgreSQL", exclude: ["README.md"]),
    .target(name: "CCurl", exclude: ["README.md"]),
    // floor 1
    room("LinearAlgebra", ["COpenBLAS", "CLAPACKE"]),
    // floor 2
    room("Statistics", ["LinearAlgebra", .product(name: "RealModule", package: "swift-numerics")]),
    // floor 3
    room("Tables", ["LinearAlgebra", "Statistics", "CReadStat"]),
    room("Matching", ["LinearAlgebra", "Statistics"]),
    room("DifferenceInDifferences", ["LinearAlgebra", "Statistics"]),
    room("Survival", ["LinearAlgebra", "Statistics"]),
    room("Contracts", ["LinearAlgebra", "Statistics"]),
    // floor 4
    room("Cohorts", ["LinearAlgebra", "Statistics", "Tables"] + methods),
    room("Reporting", ["LinearAlgebra", "Statistics", "Tables"] + methods),
    room("Engines", ["LinearAlgebra", "Statistics", "Tables"] + methods),
    // floor 5
    room(
      "Studies",
      [
        "LinearAlgebra", "Statistics", "Tables", "Cohorts", "Reporting", "Yams", "Engines",
      ] + methods + engines),
    // beside floor 5: engines outside the process, each by itself. Their libraries are opened when they are
    // used, so that everything builds without them.
    room("DuckDBEngine", ["Engines", "LinearAlgebra", "Statistics", "Tables"]),
    room("PostgreSQLEngine", ["Engines", "Statistics", "Tables", "CPostgreSQL"]),
    room("SparkEngine", ["Engines", "Statistics", "Tables", "CCurl"]),
    // floor 6
    .executableTarget(
      name: "sibling",
      dependencies: [
        "Studies", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["README.md"], swiftSettings: strict),
    // beside the house
    .executableTarget(
      name: "sibling-bench",
      dependencies: [
        "LinearAlgebra", "Statistics", "Tables", "Matching", "DifferenceInDifferences", "Survival",
        "Contracts", "Cohorts",
      ],
      path: "Benchmarks/Swift", swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["Statistics"], exclude: ["README.md"],
      swiftSettings: strict),
    .target(
      name: "EngineConformance", dependencies: ["Engines", "Statistics", "Tables"],
      exclude: ["README.md"], swiftSettings: strict),
    tests("LinearAlgebra"),
    tests("Statistics", ["LinearAlgebra"]),
    tests("Tables", ["LinearAlgebra", "Statistics"]),
    tests("Matching", ["LinearAlgebra", "Statistics"]),
    tests("DifferenceInDifferences", ["LinearAlgebra", "Statistics"]),
    tests("Survival", ["LinearAlgebra", "Statistics"]),
    tests("Contracts", ["LinearAlgebra", "Statistics"]),
    tests("Cohorts", ["Statistics", "Tables"]),
    tests("Reporting", ["Statistics", "Tables"]),
    tests("Engines", ["EngineConformance", "LinearAlgebra", "Statistics", "Tables"] + methods),
    tests("DuckDBEngine", ["EngineConformance", "Engines", "Statistics", "Tables"]),
    tests("PostgreSQLEngine", ["EngineConformance", "Engines", "Statistics", "Tables"]),
    tests("SparkEngine", ["EngineConformance", "Engines", "Statistics", "Tables"]),
    tests("Studies", ["Statistics", "Tables", "Cohorts", "Reporting", "Engines"]),
    .testTarget(
      name: "SiblingTests",
      dependencies: ["LinearAlgebra", "Statistics", "Tables", "Studies", "TestSupport", "sibling"]
        + methods,
      swiftSettings: strict),
  ]
)
