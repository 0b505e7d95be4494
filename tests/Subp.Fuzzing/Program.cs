using System.Globalization;
using Subp.Fuzzing;

// fuzzing <mutations> [seed] [target [trial]]: all targets in turn, or one, or one mutation of it with its stack trace.
const int Threads = 2;
if (
    args.Length is < 1 or > 4
    || !args.Take(2).Concat(args.Skip(3)).All(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _))
)
{
    Console.Error.WriteLine("usage: fuzzing <mutations> [seed] [target [trial]]");
    return 1;
}

int Number(int index, int absent) => index < args.Length ? int.Parse(args[index], CultureInfo.InvariantCulture) : absent;
var targets = FuzzRun.Targets.Where(target => args.Length < 3 || target.Name == args[2]).ToArray();
if (targets.Length == 0)
{
    Console.Error.WriteLine($"The targets are: {string.Join(", ", FuzzRun.Targets.Select(target => target.Name))}.");
    return 1;
}

var run = new FuzzRun(Number(1, 1), Threads);
if (args.Length == 4)
{
    var target = targets[0];
    var bytes = run.Mutation(target, Number(3, 0));
    Console.WriteLine(FormattableString.Invariant($"{bytes.Length} bytes; written to mutation.{target.Name}"));
    File.WriteAllBytes($"mutation.{target.Name}", bytes);
    target.Check(target.Read(bytes));
    return 0;
}

var failures = 0;
for (var index = 0; index < targets.Length; index++)
{
    var count = (Number(0, 0) / targets.Length) + (index < Number(0, 0) % targets.Length ? 1 : 0);
    var report = run.Run(targets[index], 0, count);
    failures += report.Failures.Count;
    Console.WriteLine(
        $"{report.Target.PadRight(12)} {Column(count, 7)} mutations: {Column(report.Accepted, 6)} accepted, "
            + $"{Column(report.Refused, 6)} refused, {Column(report.Failures.Count)} failures; at most "
            + $"{Column(report.LargestAllocation)} bytes allocated, for a file of {Column(report.LargestAllocationFile)}"
    );
    Console.WriteLine(
        $"             {string.Join(" ", report.Diagnostics.Select(entry => FormattableString.Invariant($"{entry.Key} {entry.Value}")))}"
    );
    foreach (var failure in report.Failures.OrderBy(failure => failure.Trial).Take(20))
        Console.WriteLine($"  {failure}");
}

return failures == 0 ? 0 : 2;

static string Column(long value, int width = 0) => value.ToString(CultureInfo.InvariantCulture).PadLeft(width);
