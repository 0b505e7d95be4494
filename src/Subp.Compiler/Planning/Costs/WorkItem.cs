namespace Subp.Compiler.Planning.Costs;

/// <summary>A number of things of one kind that a kernel does, each of which takes a measured number of cycles.</summary>
/// <param name="Kind">The kind, a key of <see cref="MachineDescription.Cycles"/>.</param>
/// <param name="Count">How many, on one thread.</param>
public readonly record struct WorkItem(string Kind, double Count);
