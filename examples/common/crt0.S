# Start of every guest: stack and global pointer, main, then the halt with main's result in a0.

    .section .text.init, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, _init_stack_top
    call main
    .globl zisk_exit
zisk_exit:
    li a7, 93
    ecall
