using BenchmarkDotNet.Running;
using Subp.Benchmarks.SourceGeneration;

// First runs can only be timed in fresh processes, which BenchmarkDotNet does not do for a driver that keeps state.
if (args is ["generator", ..])
    return GeneratorTiming.Run(args[1..]);

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
