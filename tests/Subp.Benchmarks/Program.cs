using BenchmarkDotNet.Running;
using Subp.Benchmarks.Engines;
using Subp.Benchmarks.Neighbours;
using Subp.Benchmarks.Peers;
using Subp.Benchmarks.Peers.Processes;
using Subp.Benchmarks.SourceGeneration;
using Subp.Benchmarks.Zoo;

// First runs can only be timed in fresh processes, which BenchmarkDotNet does not do for a driver that keeps state; nor does it time
// several libraries in turns.
switch (args)
{
    case ["generator", ..]:
        return GeneratorTiming.Run(args[1..]);
    case ["engines", ..]:
        return EnginesCommand.Run(args[1..]);
    case ["operations", ..]:
        return OperationsCommand.Run(args[1..]);
    case ["resnet18", ..]:
        return ResNet18Command.Run(args[1..]);
    case ["zoo", ..]:
        return ZooCommand.Run(args[1..]);
    case ["starts", ..]:
        return StartsCommand.Run(args[1..]);
    case ["peers", ..]:
        return PeersCommand.Run(args[1..]);
    case ["neighbours", ..]:
        return NeighboursCommand.Run(args[1..]);
    case [BusyProcess.Verb]:
        return BusyProcess.Work();
    case [WorkerProcess.Verb, ..]:
        return WorkerProgram.Run(args[1..]);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(GeneratorTiming).Assembly).Run(args);
        return 0;
}
