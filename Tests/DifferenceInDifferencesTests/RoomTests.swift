import Testing

@testable import DifferenceInDifferences
