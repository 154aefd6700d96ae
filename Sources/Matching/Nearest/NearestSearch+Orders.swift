extension NearestSearch {
  /// Matches round by round in a fixed order of the focal units.
  mutating func run(wanted: [Int32], sequence: [Int32]) {
    var active = sequence
    var round: Int32 = 1
    while !active.isEmpty {
      var continuing = 0
      for focal in active where wanted[Int(focal)] >= round {
        guard let found = best(for: Int(focal)) else { continue }
        pair(Int(focal), with: found.position, distance: found.distance)
        active[continuing] = focal
        continuing += 1
      }
      active.removeSubrange(continuing...)
      round += 1
    }
  }

  /// Matches round by round, the focal unit with the closest (or farthest) candidate first.
  ///
  /// Each round begins with every unit's best candidate, ties in the order of the data. When the
  /// candidate of the unit in turn has been taken, the unit looks again and goes back into the
  /// queue before its equals.
  mutating func run(wanted: [Int32], closestFirst: Bool) {
    var active = (0..<focalRows.count).filter { wanted[$0] >= 1 }
    var round: Int32 = 1
    while !active.isEmpty {
      var queue = PriorityQueue<SearchEntry>()
      for focal in active {
        guard let found = best(for: focal) else { continue }
        let key = closestFirst ? found.distance : -found.distance
        queue.insert(
          .init(key: key, sequence: focal, focal: Int32(focal), position: Int32(found.position)))
      }
      var paired: [Int] = []
      var reinsertion = -1
      while let entry = queue.removeFirst() {
        let focal = Int(entry.focal)
        if pool.isUnused(Int(entry.position)) {
          let distance = closestFirst ? entry.key : -entry.key
          pair(focal, with: Int(entry.position), distance: distance.magnitude)
          if wanted[focal] > round { paired.append(focal) }
        } else if let found = best(for: focal) {
          let key = closestFirst ? found.distance : -found.distance
          queue.insert(
            .init(
              key: key, sequence: reinsertion, focal: entry.focal, position: Int32(found.position)))
          reinsertion -= 1
        }
      }
      active = paired.sorted()
      round += 1
    }
  }
}

/// A focal unit waiting to be paired, with the candidate that it has in mind.
struct SearchEntry: QueueEntry {
  var key: Double
  var sequence: Int
  var focal: Int32
  var position: Int32

  func precedes(_ other: SearchEntry) -> Bool {
    key < other.key || (key == other.key && sequence < other.sequence)
  }
}
