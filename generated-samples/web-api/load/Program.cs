using System.Globalization;
using WebApi.Load;
using WebApi.Load.Scenarios;

var (requests, callers, rounds) = (2000, 32, 3);
for (var index = 0; index < args.Length; index += 2)
{
    var known =
        index + 1 < args.Length
        && int.TryParse(args[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        && value > 0
        && args[index] switch
        {
            "--requests" => (requests = value) > 0,
            "--callers" => (callers = value) > 0,
            "--rounds" => (rounds = value) > 0,
            _ => false,
        };
    if (!known)
    {
        await Console.Error.WriteLineAsync(
            $"Found '{string.Join(' ', args[index..])}', expected --requests <n>, --callers <n> or --rounds <n> with n above 0."
        );
        return 1;
    }
}

await Console.Error.WriteLineAsync("The reference interpreter classifies 200 images ...");
var images = ExpectedImages.Read(200);
List<Func<Task<Report>>> scenarios =
[
    () => SteadyLoad.RunAsync(images, requests, callers, rounds),
    () => Overload.RunAsync(images, 5 * requests, 4 * callers),
];
if (!OperatingSystem.IsWindows())
    scenarios.Add(() => Drain.RunAsync(images, callers, requests));

var failures = 0;
Console.WriteLine($"{Environment.ProcessorCount} processors, shared by the server and its callers");
foreach (var scenario in scenarios)
{
    var report = await scenario();
    Console.WriteLine();
    Console.WriteLine(report.Title);
    foreach (var line in report.Lines)
        Console.WriteLine("  " + line);
    foreach (var failure in report.Failures)
        Console.WriteLine("  FAILED: " + failure);
    failures += report.Failures.Count;
}

return failures == 0 ? 0 : 1;
