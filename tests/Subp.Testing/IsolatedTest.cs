using System.Reflection;
using System.Runtime.Loader;

namespace Subp.Testing;

/// <summary>
/// The other end of <see cref="ChildProcess"/>: loads an assembly and invokes one static method of it. Exit code 0 when it returns.
/// </summary>
internal static class IsolatedTest
{
    // Arguments: path of the assembly, full name of the type, name of the method, the method's arguments as text.
    private static int Main(string[] arguments)
    {
        if (arguments.Length < 3)
        {
            Console.Error.WriteLine("usage: Subp.Testing ASSEMBLY TYPE METHOD [ARGUMENT...]");
            return 2;
        }

        try
        {
            const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
            var type = AssemblyLoadContext.Default.LoadFromAssemblyPath(arguments[0]).GetType(arguments[1], throwOnError: true)!;
            var method = type.GetMethod(arguments[2], Any) ?? throw new MissingMethodException(arguments[1], arguments[2]);
            method.Invoke(null, [.. arguments[3..]]);
            return 0;
        }
        catch (TargetInvocationException exception)
        {
            Console.Error.WriteLine(exception.InnerException);
            return 1;
        }
    }
}
