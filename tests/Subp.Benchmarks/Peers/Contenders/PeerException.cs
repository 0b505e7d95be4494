namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>A library does not do what it was asked for; its row says why.</summary>
internal sealed class PeerException(string message) : Exception(message);
