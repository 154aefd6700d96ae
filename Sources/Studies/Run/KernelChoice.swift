internal import Glibc
internal import LinearAlgebra

/// Which of OpenBLAS's processor kernels suits the machine.
public enum KernelChoice {
  /// The kernel that should be asked for instead of the one in use; nil when that one is fine.
  ///
  /// OpenBLAS does not know every processor and then falls back to a kernel of 2004, several times
  /// slower. Where the processor has AVX2 and FMA, the Haswell kernel runs. A kernel that the user
  /// chose (`OPENBLAS_CORETYPE`) is never overruled.
  public static var better: String? {
    guard getenv("OPENBLAS_CORETYPE") == nil else { return nil }
    let old = ["Prescott", "Core2", "Katmai", "Coppermine", "Northwood", "Banias", "Generic"]
    guard old.contains(BLASInformation.kernel) else { return nil }
    guard let bytes = readBytes("/proc/cpuinfo") else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let flags = lines.first(where: { $0.hasPrefix("flags") }) else { return nil }
    let words = Set(flags.split(separator: " "))
    return words.contains("avx2") && words.contains("fma") ? "Haswell" : nil
  }
}
