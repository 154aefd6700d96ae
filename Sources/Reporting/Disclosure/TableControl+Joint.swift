internal import Statistics

extension TableControl {
  /// After counts were withheld for the sake of other tables: what goes with them in this one.
  ///
  /// - Throws: `disclosure` when the table's own sums leave no safe suppression.
  mutating func settle() throws(SiblingError) {
    guard !table.hasRowsOfPeople else { return }
    _ = withholdBlocks()
    if let hold = table.hold, hold.kind == .occupancy { withholdWithNeighbours(hold) }
    repeat { try withholdComplements() } while withholdBlocks()
    withholdDerived()
  }
}
