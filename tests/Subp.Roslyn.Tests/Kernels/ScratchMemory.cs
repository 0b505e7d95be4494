using System.Reflection;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// The scratch memory of a session. It is zero when a session begins, and in a network it holds what the layers before left: a kernel that
/// reads what it did not write is right in a network of its own and wrong behind others.
/// </summary>
internal static class ScratchMemory
{
    private const BindingFlags Anywhere = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public;

    /// <summary>Fills the scratch memory of all threads, where a session has any, with floats that are no numbers.</summary>
    /// <param name="session">The session.</param>
    public static unsafe void Fill(ILoadedSession session)
    {
        var own = Value(session, "_session");
        if (own.GetType().GetField("_scratch", Anywhere) is not { } field)
            return;
        var memory = field.GetValue(own)!;
        var pointer = memory.GetType().GetProperty("Pointer", Anywhere)!.GetValue(memory)!;
        var floats = (int)own.GetType().GetField("ScratchFloats", Anywhere)!.GetRawConstantValue()! * session.Threads;
        new Span<float>(Pointer.Unbox(pointer), floats).Fill(float.NaN);
        GC.KeepAlive(own);
    }

    private static object Value(object owner, string field) =>
        owner.GetType().GetField(field, Anywhere)?.GetValue(owner) ?? throw new MissingFieldException(owner.GetType().FullName, field);
}
